import msgspec
import numpy as np
import pytest

from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.manifest import Calibration, Manifest
from components.records.prediction import Scores
from components.records.request import Context, Request
from components.records.reranker import Reranker, rerank
from components.records.reranker_features import SCORES, features
from components.records.version_folder import read_manifest, write_manifest

REQUEST = Request(request_id="r", utterance="u", device="tv")


def linear(weights: dict[str, float], **fields) -> Reranker:
    given = {"loss": "R2", "own_share": 0.3, "lists": 7, **fields}
    return Reranker(features=tuple(weights), weights=tuple(weights.values()), **given)


def read(skill_id, domain, odds, shortlister=0.0):
    return ReadCandidate(
        skill_id=skill_id, domain=domain, scores=Scores(domain=odds, intent=0.0, shortlister=shortlister)
    )


def test_each_domain_is_scored_by_its_own_weights_and_the_best_comes_first():
    listed = HypothesisList(
        request=REQUEST, hypotheses=(read("a", "A", 1.0), read("b", "B", 2.0), read("c", "A", 0.5))
    )
    found = rerank(listed, {"A": linear({"domain": 3.0, "device=tv": 1.0}), "B": linear({"domain": 1.0})})
    assert [h.skill_id for h in found.hypotheses] == ["a", "c", "b"]
    assert [h.scores.reranker for h in found.hypotheses] == [4.0, 2.5, 2.0]


def test_several_domains_at_once_are_scored_as_one_by_one():
    rng = np.random.default_rng(3)
    names = ("bias", *SCORES[1:], "enabled", "continues", "device=tv", "device=car", "previous_skill=s0")
    rerankers = {
        domain: linear(dict(zip(names, rng.normal(size=len(names)).tolist(), strict=True)))
        for domain in "ABC"
    }
    request = msgspec.structs.replace(
        REQUEST, enabled_skills=("s1", "s4"), context=Context(previous_skill="s0", previous_intent="i")
    )
    hypotheses = tuple(
        ReadCandidate(
            skill_id=f"s{n}",
            domain="ABC"[n % 3],
            scores=Scores(
                shortlister=None if n == 5 else float(n),
                domain=float(rng.normal()),
                intent=-float(rng.random()),
                slots=None if n == 4 else -float(rng.random()),
            ),
        )
        for n in range(8)
    )
    found = rerank(HypothesisList(request=request, hypotheses=hypotheses), rerankers)
    for domain, own_reranker in rerankers.items():
        own = tuple(h for h in hypotheses if h.domain == domain)
        expected = features(names, request, own) @ np.array(own_reranker.weights)
        scores = {h.skill_id: h.scores.reranker for h in found.hypotheses}
        np.testing.assert_allclose([scores[h.skill_id] for h in own], expected, rtol=1e-12)
        np.testing.assert_allclose(own_reranker.log_odds(request, own), expected, rtol=1e-12)


def test_what_no_model_has_read_takes_its_place_by_the_shortlister():
    unread = ReadCandidate(skill_id="new", domain="A", scores=Scores(shortlister=1.5))
    nothing = ReadCandidate(skill_id="nothing", domain="A")
    unknown = ReadCandidate(skill_id="unknown", domain="A", scores=Scores(domain=9.0, shortlister=0.5))
    listed = HypothesisList(
        request=REQUEST,
        hypotheses=(nothing, unknown, unread, read("a", "A", 1.0), read("c", "C", 9.0, shortlister=-1.0)),
    )
    found = rerank(listed, {"A": linear({"domain": 2.0})})
    assert [h.skill_id for h in found.hypotheses] == ["a", "new", "unknown", "c", "nothing"]
    assert [h.scores.reranker for h in found.hypotheses] == [2.0, None, None, None, None]


def test_an_empty_list_and_ties_stay_as_they_are():
    empty = HypothesisList(request=REQUEST, hypotheses=())
    assert rerank(empty, {}) == empty
    listed = HypothesisList(request=REQUEST, hypotheses=tuple(read(s, "A", 1.0) for s in "cab"))
    assert [h.skill_id for h in rerank(listed, {"A": linear({"domain": 1.0})}).hypotheses] == list("cab")


def test_nothing_is_read_that_a_live_request_lacks():
    known = msgspec.structs.replace(REQUEST, skill_id="a", intent="i", outcome="handled", also_correct=("c",))
    rerankers = {"A": linear({"domain": 3.0, "device=tv": 1.0, "enabled": 0.5})}
    answers = [
        rerank(
            HypothesisList(request=request, hypotheses=(read("a", "A", 1.0), read("c", "A", 2.0))), rerankers
        )
        for request in (REQUEST, known)
    ]
    assert answers[0].hypotheses == answers[1].hypotheses


def test_weights_in_words_largest_first_and_without_those_that_do_nothing():
    found = linear({"bias": -0.5, "device=tv": 0.7, "enabled": 0.04, "previous_skill=radio": -1.2})
    assert found.in_words() == ["after radio: -1.2", "on tv: +0.7", "always: -0.5"]


def test_json_round_trip():
    found = linear({"bias": -0.5, "domain": 0.7})
    assert msgspec.json.decode(msgspec.json.encode(found), type=Reranker) == found


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"loss": "R4"}, "loss"),
        ({"own_share": 1.5}, "own_share"),
        ({"weights": (1.0,)}, "weights"),
        ({"weights": (1.0, np.nan)}, "weights"),
        ({"features": ("bias", "colour=red")}, "features"),
    ],
)
def test_what_cannot_be_a_re_ranker_is_refused(fields, name):
    given = {
        "loss": "R2",
        "features": ("bias", "domain"),
        "weights": (1.0, 1.0),
        "own_share": 0.3,
        "lists": 7,
    }
    with pytest.raises(ValueError, match=f"`{name}`"):
        Reranker(**(given | fields))


def test_a_manifest_holds_it(tmp_path):
    manifest = Manifest(
        kind="domain",
        skill_ids=("a",),
        domains=("A",),
        calibration=Calibration(),
        catalogue_hash="c",
        reranker=linear({"bias": -0.5, "device=tv": 0.7}),
    )
    write_manifest(tmp_path, manifest)
    assert read_manifest(tmp_path) == manifest
