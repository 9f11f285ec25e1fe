"""When a domain model and its re-ranker count as those that were recorded."""

from functools import partial

import msgspec
import pytest

from components.push.recorded import Recording
from components.push.reproduce_domain import reproduce_domain
from components.push.tolerance import EXACT, ROUNDED_ROWS, tolerance_of
from components.records.prediction import Hypothesis, Scores
from components.records.servable import DEFAULT_SIGNATURE, Servable
from components.records.version_folder import read_manifest
from tests.push.system import MUSIC, RERANKER, TRAVEL


@pytest.fixture(scope="module")
def twin(system):
    return Servable.load(system[TRAVEL])


def held(servable, recording, **manifest_changes):
    manifest = msgspec.structs.replace(servable.manifest, **manifest_changes)
    return reproduce_domain(
        partial(servable.predict, DEFAULT_SIGNATURE),
        recording,
        manifest=manifest,
        form="twin",
        tolerance=EXACT,
    )


def changed(recording, change):
    """The recording with every hypothesis of the domain changed."""
    answers = []
    for entry in recording.answers:
        hypotheses = tuple(change(h) if h.domain == "Travel & Co" else h for h in entry.prediction.hypotheses)
        prediction = msgspec.structs.replace(entry.prediction, hypotheses=hypotheses)
        answers.append(entry._replace(prediction=prediction))
    return Recording(recording.shortlister, answers)


@pytest.mark.parametrize("model", [TRAVEL, MUSIC])
@pytest.mark.parametrize("saved_model", [False, True])
def test_both_forms_reproduce_what_was_recorded(system, recording, model, saved_model):
    found = held(Servable.load(system[model], saved_model=saved_model), recording)
    assert found.different == ()
    assert 50 < found.requests <= 61
    assert found.worst <= 1e-5


def test_named_requests_and_readings_of_every_kind_are_among_them(recording):
    own = [
        (entry, h)
        for entry in recording.answers
        for h in entry.prediction.hypotheses
        if h.domain == "Travel & Co"
    ]
    assert any(entry.named and h.slots and h.slots[0].start > 10 for entry, h in own)
    assert {h.intent for _, h in own} == {"Find", "Book"}
    assert len({len(h.slots) for _, h in own}) > 2


def test_the_storage_decides_how_close_a_saved_model_must_be(system):
    assert tolerance_of(system[TRAVEL], read_manifest(system[TRAVEL])) == ROUNDED_ROWS
    assert tolerance_of(system[MUSIC], read_manifest(system[MUSIC])) == EXACT


def test_other_weights_are_found(recording, others):
    found = held(Servable.load(others[TRAVEL]), recording)
    assert len(found.different) == found.requests
    assert "were not reproduced by the twin" in found.words


@pytest.mark.parametrize("weight", range(len(RERANKER.weights)))
def test_another_re_ranker_is_found(twin, recording, weight):
    weights = [value + 0.01 * (place == weight) for place, value in enumerate(RERANKER.weights)]
    other = msgspec.structs.replace(RERANKER, weights=tuple(weights))
    assert held(twin, recording, reranker=other).different
    assert held(twin, recording, reranker=None).different


@pytest.mark.parametrize(
    "change",
    [
        lambda h: msgspec.structs.replace(h, intent="Fly"),
        lambda h: msgspec.structs.replace(h, slots=h.slots[1:] if h.slots else (None,)),
        lambda h: msgspec.structs.replace(
            h, slots=tuple(msgspec.structs.replace(s, start=s.start + 1) for s in h.slots) or (None,)
        ),
        *(
            lambda h, name=name: msgspec.structs.replace(
                h, scores=msgspec.structs.replace(h.scores, **{name: getattr(h.scores, name) + 1e-3})
            )
            for name in ("domain", "intent", "slots", "reranker")
        ),
        lambda h: msgspec.structs.replace(h, scores=Scores(shortlister=h.scores.shortlister)),
    ],
)
def test_anything_else_recorded_is_found(twin, recording, change):
    found = held(twin, changed(recording, change))
    assert len(found.different) == found.requests


def test_a_skill_that_the_version_does_not_know_was_recorded_without_a_reading(twin, recording):
    entry = recording.answers[0]
    known = next(h for h in entry.prediction.hypotheses if h.domain == "Travel & Co")
    ghost = Hypothesis(
        skill_id="ghost",
        domain="Travel & Co",
        confidence=0.1,
        scores=Scores(shortlister=0.5, domain=known.scores.domain),
    )
    for hypothesis, same in (
        (ghost, True),
        (msgspec.structs.replace(ghost, intent="Find"), False),
        (msgspec.structs.replace(ghost, scores=known.scores), False),
    ):
        prediction = msgspec.structs.replace(
            entry.prediction, hypotheses=(*entry.prediction.hypotheses, hypothesis)
        )
        found = held(twin, Recording(recording.shortlister, [entry._replace(prediction=prediction)]))
        assert (found.different == ()) is same


def test_a_domain_that_nobody_speaks_of_is_said_to_load(twin, recording):
    prediction = msgspec.structs.replace(recording.answers[0].prediction, hypotheses=())
    silent = Recording(recording.shortlister, [recording.answers[0]._replace(prediction=prediction)])
    found = held(twin, silent)
    assert (found.requests, found.different) == (0, ())
    assert found.words == "it loads; no recorded prediction speaks of it"
