"""How the system came to an answer."""

import msgspec
import pytest

from components.records.parse import to_json
from components.records.request import Context, Request
from components.router.compose import compose, decide
from components.router.explain import Explanation, explain
from components.router.models import FolderModels
from tests.whole_system import CANDIDATES

BOOK = Request(
    request_id="r",
    utterance="book a room in lima for 3 people",
    device="tv",
    enabled_skills=("hotel_1",),
    context=Context(previous_skill="hotel_1"),
)


@pytest.fixture(scope="module")
def models(whole_system):
    return FolderModels(whole_system.folders)


@pytest.fixture(scope="module")
def explained(models):
    (decision,) = decide(models, [BOOK], top=2)
    return explain(decision)


def test_it_holds_the_answer_and_what_each_stage_said(models, explained):
    assert explained.prediction == compose(models, [BOOK], top=2)[0]
    assert explained.read == BOOK.utterance
    assert len(explained.shortlist) == CANDIDATES
    best = explained.prediction.best
    assert best.skill_id == "hotel_1"
    own = [reading for reading in explained.readings if reading.skill_id == "hotel_1"]
    assert (own[0].confidence, own[0].scores) == (best.confidence, best.scores)
    assert {reading.confidence for reading in own[1:]} <= {None}
    answered = {reading.skill_id for reading in explained.readings if reading.confidence is not None}
    assert answered == {hypothesis.skill_id for hypothesis in explained.prediction.hypotheses}
    assert {model.model for model in explained.models} <= set(models._folders)
    assert {model.model for model in explained.models} >= {"shortlister", "hyprank"}


def test_effects_are_the_reranker_s_score_the_largest_first(explained):
    score = explained.prediction.best.scores.reranker
    assert sum(effect.effect for effect in explained.effects) == pytest.approx(score)
    sizes = [abs(effect.effect) for effect in explained.effects]
    assert sizes == sorted(sizes, reverse=True)
    told = {effect.feature for effect in explained.effects if effect.context}
    assert "enabled" in told
    assert told <= {"enabled", "continues", "device=tv", "previous_skill=hotel_1"}
    assert next(e.words for e in explained.effects if e.feature == "enabled") == "where the skill is enabled"


def test_requests_explained_together_are_explained_as_alone(whole_system, models):
    requests = [each.request for each in whole_system.requests[:12]]
    for request, together in zip(requests, decide(models, requests, top=5), strict=True):
        (alone,) = decide(models, [request], top=5)
        ours, theirs = explain(together), explain(alone)
        assert {m.model for m in ours.models} == {m.model for m in theirs.models}
        assert [e.feature for e in ours.effects] == [e.feature for e in theirs.effects]
        assert msgspec.json.decode(to_json(ours), type=Explanation) == ours


def test_a_named_skill_says_so_and_an_unread_one_has_no_effects(models):
    (decision,) = decide(
        models, [msgspec.structs.replace(BOOK, utterance="ask Oven to bake a room in lima")], top=2
    )
    found = explain(decision)
    assert (found.named, found.read) == ("oven", "bake a room in lima")
    assert found.effects == ()


def test_the_shortlister_alone(whole_system):
    folders = {"shortlister": whole_system.folders["shortlister"]}
    (decision,) = decide(FolderModels(folders), [BOOK], top=2)
    found = explain(decision)
    assert [model.model for model in found.models] == ["shortlister"]
    assert len(found.readings) == len(found.shortlist) == 2
    assert found.effects == ()
    assert found.prediction.none is None
