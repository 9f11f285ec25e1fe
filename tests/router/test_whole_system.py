"""The whole system from exported folders: batch, file, live and remote answers are one."""

import json
import math

import apache_beam as beam
import msgspec
import numpy as np
import pytest

from components.records.domain_signature import domain_model
from components.records.examples import decode, encode, labelled_values, prediction_from
from components.records.parse import to_json
from components.records.prediction import Prediction, Scores
from components.records.request import Context, Request
from components.records.tfrecord import read_records, write_records
from components.router import predict, route
from components.router.compose import compose, decide
from components.router.hypothesize import hypothesize
from components.router.models import Answer, FolderModels, NotInServiceError, Release
from components.router.rank import rank
from components.router.workspace import WorkspaceModels
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.whole_system import CANDIDATES, put_in_service

MUSIC, TRAVEL, KITCHEN = map(domain_model, ("Music", "Travel & Co", "Kitchen"))
VERSIONS = {"shortlister": 4, MUSIC: 2, TRAVEL: 1, "hyprank": 3}


def same(ours: Prediction, theirs: Prediction) -> None:
    """Equal but for 1e-5 in any number."""
    ours, theirs = (msgspec.json.decode(to_json(each)) for each in (ours, theirs))

    def compare(left, right):
        if isinstance(left, float):
            assert left == pytest.approx(right, rel=1e-5, abs=1e-5)
        elif isinstance(left, dict):
            assert left.keys() == right.keys()
            for key in left:
                compare(left[key], right[key])
        elif isinstance(left, list):
            assert len(left) == len(right)
            for pair in zip(left, right, strict=True):
                compare(*pair)
        else:
            assert left == right

    compare(ours, theirs)


@pytest.fixture(scope="module")
def requests(whole_system):
    return [each.request for each in whole_system.requests]


@pytest.fixture(scope="module")
def answers(whole_system, requests):
    return compose(FolderModels(whole_system.folders), requests, top=5)


@pytest.fixture(scope="module")
def work(whole_system, tmp_path_factory):
    folder = tmp_path_factory.mktemp("work")
    put_in_service(folder / "serving", whole_system.folders, VERSIONS)
    return folder


@pytest.fixture(scope="module")
def address(work):
    options = ServerOptions(
        port=0,
        model_config_file=str(work / "serving" / "models.config"),
        allow_version_labels_for_unavailable_models=True,
    )
    with ModelServer.start(options) as server:
        yield server.address


def test_every_stage_has_its_score(answers):
    hypotheses = [h for answer in answers for h in answer.hypotheses]
    assert {len(answer.hypotheses) for answer in answers} == {CANDIDATES}
    assert all(answer.none is not None for answer in answers)
    for hypothesis in hypotheses:
        given = {name for name in Scores.__struct_fields__ if getattr(hypothesis.scores, name) is not None}
        expected = {"hyprank"} if hypothesis.domain == "Kitchen" else set(Scores.__struct_fields__)
        assert given | {"shortlister"} == expected | {"shortlister"}
    assert {h.intent for h in hypotheses} == {None, "Find", "Book"}
    assert any(len(h.slots) == 2 for h in hypotheses)


def test_slots_are_what_the_utterance_says_there(requests, answers):
    for request, answer in zip(requests, answers, strict=True):
        for slot in (slot for hypothesis in answer.hypotheses for slot in hypothesis.slots):
            assert request.utterance[slot.start : slot.end] == slot.value


def test_any_text_alone_and_among_others(whole_system):
    rng = np.random.default_rng(7)
    bits = (
        "ask Oven to",
        "Oven",
        "open oven",
        "book a room in",
        "são",
        "SÃO",
        "e\u0301",
        "😀",
        "\u200b",
        "３",
    )
    bits += ("x" * 300, "\t", "İstanbul", "for 5")
    requests = [
        Request(
            request_id=str(number),
            utterance=" ".join(rng.choice(bits, size=rng.integers(1, 9))) + "?",
            enabled_skills=("oven", "gone") * int(rng.integers(0, 20)),
            context=Context(previous_skill="gone", previous_intent="Find", turn=0),
        )
        for number in range(60)
    ]
    models = FolderModels(whole_system.folders)
    for request, among in zip(requests, compose(models, requests, top=5), strict=True):
        same(among, compose(models, [request], top=5)[0])
        for slot in (slot for hypothesis in among.hypotheses for slot in hypothesis.slots):
            assert request.utterance[slot.start : slot.end] == slot.value


def test_a_request_is_read_alike_to_the_last_bit_whatever_was_read_before(whole_system, requests):
    together = hypothesize(FolderModels(whole_system.folders), requests, k=CANDIDATES)
    models = FolderModels(whole_system.folders)
    alone = [hypothesize(models, [request], k=CANDIDATES)[0] for request in reversed(requests)]
    assert alone[::-1] == together


def test_batch_equals_live(whole_system, answers, tmp_path):
    records = (encode(labelled_values(each)) for each in whole_system.requests)
    write_records(tmp_path / "examples" / "Split-test" / "data-0.gz", records)
    with beam.Pipeline() as pipeline:
        rank(pipeline, tmp_path / "examples", whole_system.folders, tmp_path, splits=("test",), top=5)
    (path,) = (tmp_path / "Split-test").glob("predictions-*.gz")
    recorded = {found.request_id: found for found in map(prediction_from, map(decode, read_records(path)))}
    assert len(recorded) == len(answers)
    for answer in answers:
        same(answer, recorded[answer.request_id])


@pytest.mark.parametrize("remote", [False, True])
def test_a_file_of_requests_and_one_by_one(work, address, requests, answers, tmp_path, remote):
    source, out = tmp_path / "in.jsonl", tmp_path / "out.jsonl"
    source.write_bytes(b"".join(to_json(request) + b"\n" for request in requests))
    predict(work, source, out, server=address if remote else None)
    predicted = msgspec.json.Decoder(Prediction).decode_lines(out.read_bytes())
    assert len(predicted) == len(answers)
    models = WorkspaceModels(work / "serving")
    for request, ours, theirs in zip(requests, answers, predicted, strict=True):
        same(ours, theirs)
        same(ours, compose(models, [request], top=5)[0])


@pytest.mark.parametrize("remote", [False, True])
def test_route(work, address, whole_system, remote):
    told = {"device": "tv", "previous_skill": "radio"}
    found = route(work, "find a hotel in rome", enabled=["oven"], server=address if remote else None, **told)
    best = found.prediction.hypotheses[0]
    assert (best.domain, best.intent, best.slots[0].value) == ("Travel & Co", "Find", "rome")
    request = Request(
        request_id="route",
        utterance="find a hotel in rome",
        enabled_skills=("oven",),
        device="tv",
        context=Context(previous_skill="radio"),
    )
    (own,) = compose(FolderModels(whole_system.folders), [request], top=5)
    same(found.prediction, own)


def test_what_is_known_afterwards_moves_no_byte(work, whole_system, requests, answers, tmp_path):
    live = [
        msgspec.structs.replace(
            request,
            skill_id=None,
            intent=None,
            slots=(),
            also_correct=(),
            outcome=None,
            context=msgspec.structs.replace(request.context, new_intent=None),
        )
        for request in requests
    ]
    bare = compose(FolderModels(whole_system.folders), live, top=5)
    assert [to_json(each) for each in bare] == [to_json(each) for each in answers]
    files = []
    for name, given in (("known", requests), ("live", live)):
        (tmp_path / name).write_bytes(b"".join(to_json(request) + b"\n" for request in given))
        predict(work, tmp_path / name, tmp_path / f"{name}.out")
        files.append((tmp_path / f"{name}.out").read_bytes())
    assert files[0] == files[1]


def test_context_reaches_the_rankers(whole_system, requests, answers):
    alone = [
        msgspec.structs.replace(
            request,
            device=None,
            enabled_skills=(),
            recent=(),
            context=msgspec.structs.replace(request.context, previous_skill=None, turn=None),
        )
        for request in requests
    ]
    others = compose(FolderModels(whole_system.folders), alone, top=5)
    moved = [ours.hypotheses != theirs.hypotheses for ours, theirs in zip(answers, others, strict=True)]
    assert np.mean(moved) > 0.9


def test_a_named_skill_comes_first_as_it_was_read(requests, answers):
    named = [a for r, a in zip(requests, answers, strict=True) if r.utterance.startswith("ask Oven to ")]
    assert named
    for answer in named:
        first, *others = answer.hypotheses
        assert (first.skill_id, first.confidence) == ("oven", 0.9)
        assert answer.accepted
        assert first.scores.hyprank is not None
        assert all(h.confidence <= 0.9 and h.scores.reranker is not None for h in others)
    assert {answer.hypotheses[0].scores.shortlister is None for answer in named} == {True, False}


def test_refused_is_what_hyprank_refuses(requests, answers):
    others = [a for r, a in zip(requests, answers, strict=True) if not r.utterance.startswith("ask Oven")]
    for answer in others:
        assert answer.accepted == (answer.none <= answer.hypotheses[0].confidence)


def test_top_counts_skills_and_changes_nothing_else(whole_system, requests, answers):
    for top in (1, 2):
        fewer = compose(FolderModels(whole_system.folders), requests, top=top)
        assert [each.hypotheses for each in fewer] == [each.hypotheses[:top] for each in answers]


def test_a_domain_without_a_model_degrades(whole_system, requests):
    folders = {name: folder for name, folder in whole_system.folders.items() if name != TRAVEL}
    hypotheses = [h for a in compose(FolderModels(folders), requests, top=5) for h in a.hypotheses]
    unread = [h for h in hypotheses if h.domain != "Music"]
    assert {h.skill_id for h in unread} == {"hotel_1", "hotel_2", "oven"}
    for h in unread:
        assert h.intent is h.scores.domain is h.scores.intent is h.scores.reranker is None
        assert not h.slots
        assert h.scores.hyprank is not None
    assert all(h.scores.reranker is not None for h in hypotheses if h.domain == "Music")


def test_a_version_that_does_not_know_the_skill_degrades(whole_system, requests):
    folders = whole_system.folders | {KITCHEN: whole_system.folders[MUSIC]}  # it knows the radio alone
    answers = compose(FolderModels(folders), requests, top=5)
    found = [h for answer in answers for h in answer.hypotheses if h.skill_id == "oven"]
    assert found
    for h in found:
        assert h.scores.domain is not None
        assert h.intent is h.scores.intent is h.scores.slots is h.scores.reranker is None


class Overruled:
    """The system, its Shortlister's scores replaced."""

    def __init__(self, folders, score):
        self._models, self._score = FolderModels(folders), score

    def current(self, model):
        return self._models.current(model)

    def serves(self, model):
        return self._models.serves(model)

    def run(self, model, inputs):
        answer = self._models.run(model, inputs)
        if model == "shortlister":
            scores = np.full_like(answer.outputs["scores"], self._score)
            return Answer({**answer.outputs, "scores": scores}, answer.release)
        return answer


class Outdated(FolderModels):
    """Expects a version of HypRank that is no longer the one that answers."""

    def __init__(self, folders):
        super().__init__(folders)
        manifest = msgspec.structs.replace(super().current("hyprank").manifest, candidates=1)
        self._old, self.asked = Release("hyprank", 99, manifest), []

    def current(self, model):
        return self._old if model == "hyprank" else super().current(model)

    def run(self, model, inputs):
        self.asked.append(model)
        return super().run(model, inputs)


def test_the_version_that_answers_decides_how_many_candidates_it_ranks(whole_system, requests, answers):
    models = Outdated(whole_system.folders)
    found = compose(models, requests[1:2], top=5)
    assert len(found[0].hypotheses) == CANDIDATES
    same(found[0], answers[1])
    assert models.asked.count("hyprank") == models.asked.count("shortlister") == 2


def test_an_empty_shortlist_is_refused(whole_system, requests):
    models = Overruled(whole_system.folders, math.nan)
    for request, answer in zip(requests, compose(models, requests, top=5), strict=True):
        named, previous = request.utterance.startswith("ask Oven"), request.context.previous_skill
        if named or previous:  # candidates whatever the Shortlister says
            wanted = dict.fromkeys(skill for skill in ("oven" if named else None, previous) if skill)
            assert [h.skill_id for h in answer.hypotheses] == list(wanted)
            assert answer.accepted or not named
        else:
            assert (answer.hypotheses, answer.accepted, answer.none) == ((), False, 1.0)
    new = next(r for r in requests if not r.utterance.startswith("ask") and not r.context.previous_skill)
    (alone,) = compose(models, [new], top=5)
    assert (alone.hypotheses, alone.none) == ((), 1.0)


@pytest.mark.parametrize("score", [1e30, -1e30])
def test_absurd_scores_give_an_answer(whole_system, requests, score):
    for answer in compose(Overruled(whole_system.folders, score), requests, top=5):
        assert all(0.0 <= h.confidence <= 1.0 for h in answer.hypotheses)
        assert len(answer.hypotheses) == CANDIDATES


def test_without_hyprank_the_rerankers_decide(whole_system, requests):
    folders = {name: folder for name, folder in whole_system.folders.items() if name != "hyprank"}
    calibration = FolderModels(folders).current("shortlister").manifest.calibration
    for decision in decide(FolderModels(folders), requests, top=5):
        answer = decision.prediction
        assert answer.none is None
        assert decision.hyprank is None
        if decision.shortlist.named is not None:
            assert answer.hypotheses[0].skill_id == "oven"
            continue
        leaders = sorted((each.score for each in decision.shortlist.candidates), reverse=True)[:2]
        for h in answer.hypotheses:
            score = h.scores.reranker
            expected = (
                calibration.confidence(h.scores.shortlister, *leaders)
                if h.domain == "Kitchen"
                else 1.0 / (1.0 + math.exp(-score))
            )
            assert h.confidence == pytest.approx(expected)
        confidences = [h.confidence for h in answer.hypotheses]
        assert confidences == sorted(confidences, reverse=True)


def test_the_reranker_is_that_of_the_version_that_read_the_request(whole_system, requests, tmp_path):
    """A version in service is replaced; the next request is scored by the new version's re-ranker."""
    serving = tmp_path / "serving"
    put_in_service(serving, whole_system.folders, VERSIONS)
    models = WorkspaceModels(serving)
    (before,) = decide(models, requests[1:2], top=5)
    put_in_service(serving, whole_system.folders, VERSIONS | {TRAVEL: 7})
    path = serving / TRAVEL / "7" / "arbiter.json"
    manifest = json.loads(path.read_bytes())
    weights = manifest["reranker"]["weights"]
    manifest["reranker"]["weights"] = [weights[0] + 2.5, *weights[1:]]  # "bias" is the first
    path.write_text(json.dumps(manifest))
    (after,) = decide(models, requests[1:2], top=5)
    assert (before.domains["Travel & Co"].version, after.domains["Travel & Co"].version) == (1, 7)
    scores = [
        {h.skill_id: h.scores.reranker for h in decision.prediction.hypotheses}
        for decision in (before, after)
    ]
    assert scores[1]["hotel_1"] - scores[0]["hotel_1"] == pytest.approx(2.5)
    assert scores[1]["radio"] == scores[0]["radio"]


class Leaving(FolderModels):
    """Models that leave the service between the look whether they are there and the question."""

    def __init__(self, folders, leaving):
        super().__init__(folders)
        self._leaving = leaving

    def run(self, model, inputs):
        if model in self._leaving:
            raise NotInServiceError(f"no model {model!r} is in service")
        return super().run(model, inputs)


@pytest.mark.parametrize("leaving", [{TRAVEL}, {"hyprank"}, {MUSIC, TRAVEL, "hyprank"}])
def test_a_model_that_leaves_meanwhile_costs_no_request(whole_system, requests, leaving):
    found = compose(Leaving(whole_system.folders, leaving), requests[:9], top=5)
    stayed = {name: folder for name, folder in whole_system.folders.items() if name not in leaving}
    for ours, theirs in zip(found, compose(FolderModels(stayed), requests[:9], top=5), strict=True):
        same(ours, theirs)
