"""When a HypRank counts as the one that was recorded."""

from functools import partial

import msgspec
import pytest

from components.push.recorded import Recording
from components.push.reproduce_hyprank import ranked_list, reproduce_hyprank
from components.push.tolerance import EXACT, tolerance_of
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.version_folder import read_manifest
from tests.push.system import HYPRANK


@pytest.fixture(scope="module")
def twin(system):
    return Servable.load(system[HYPRANK])


def held(servable, recording):
    return reproduce_hyprank(
        partial(servable.predict, DEFAULT_SIGNATURE),
        recording,
        manifest=servable.manifest,
        form="SavedModel",
        tolerance=EXACT,
    )


def changed(recording, change):
    return Recording(
        recording.shortlister,
        [entry._replace(prediction=change(entry.prediction)) for entry in recording.answers],
    )


@pytest.mark.parametrize("saved_model", [False, True])
def test_both_forms_reproduce_what_was_recorded(system, recording, saved_model):
    found = held(Servable.load(system[HYPRANK], saved_model=saved_model), recording)
    assert (found.requests, found.different) == (61, ())
    assert found.worst <= 1e-5
    assert any(entry.named for entry in recording.answers)
    assert tolerance_of(system[HYPRANK], read_manifest(system[HYPRANK])) == EXACT


def test_the_list_is_in_the_order_that_hyprank_was_given(recording):
    for entry in recording.answers:
        scores = [h.scores for h in ranked_list(entry).hypotheses]
        assert all(score.hyprank is None for score in scores)
        unproposed = [score.reranker is None and score.shortlister is None for score in scores]
        assert unproposed == sorted(unproposed)  # last
        by = [s.shortlister if s.reranker is None else s.reranker for s in scores[: unproposed.count(False)]]
        assert by == sorted(by, reverse=True)


def test_other_weights_are_found(recording, others):
    found = held(Servable.load(others[HYPRANK]), recording)
    assert len(found.different) == 61
    assert "were not reproduced by the SavedModel, the first is request 'r0'" in found.words


@pytest.mark.parametrize(
    "change",
    [
        lambda p: msgspec.structs.replace(p, none=p.none + 1e-3),
        lambda p: msgspec.structs.replace(p, none=None),
        lambda p: msgspec.structs.replace(
            p,
            hypotheses=tuple(
                msgspec.structs.replace(h, confidence=h.confidence - 1e-3) for h in p.hypotheses
            ),
        ),
        lambda p: msgspec.structs.replace(
            p,
            hypotheses=tuple(
                msgspec.structs.replace(h, scores=msgspec.structs.replace(h.scores, hyprank=None))
                for h in p.hypotheses
            ),
        ),
        lambda p: msgspec.structs.replace(p, reject=p.reject + 3.0),
    ],
)
def test_anything_else_recorded_is_found(twin, recording, change):
    assert len(held(twin, changed(recording, change)).different) > 40


def test_a_request_without_candidates_has_nothing_but_none(twin, recording):
    empty = changed(recording, lambda p: msgspec.structs.replace(p, hypotheses=(), none=1.0))
    assert held(twin, empty).different == ()
