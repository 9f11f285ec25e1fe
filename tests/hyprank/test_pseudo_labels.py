"""Pseudo-labels of the rank split: who gets one, by which map, and what HypRank makes of them."""

import json

import msgspec
import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from components.hyprank.gather import rank_lists
from components.hyprank.pseudo_labels import EVIDENCE, RightToo, fit_right_too, pseudo_labelled
from components.hyprank.run import train_hyprank
from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.judge import judged, reference_frame
from components.records.prediction import Scores
from components.records.request import Request
from tests.hyprank.test_run import CATALOGUE, COUNTS, DOMAIN_OF, TINY


def lists(count, seed, *, told):
    """Three candidates each; beside the label the skills of a high score are right too, which `told` says."""
    rng = np.random.default_rng(seed)
    for number in range(count):
        skills = [f"s{n}" for n in rng.permutation(7)[:3]]
        scores = rng.normal(scale=2.0, size=3)
        also = [s for s, odds in zip(skills[1:], scores[1:], strict=True) if odds + rng.normal() > 1.0]
        request = Request(
            request_id=str(number),
            utterance="u",
            skill_id=skills[0],
            intent="i",
            enabled_skills=tuple(skills[number % 3 :]),
            also_correct=tuple(also) if told else (),
        )
        hypotheses = tuple(
            ReadCandidate(
                skill_id=skill,
                domain=DOMAIN_OF[skill],
                intent=intent,
                scores=Scores(shortlister=float(odds), domain=0.5, intent=-0.1, slots=-0.1),
            )
            for skill, odds in zip(skills, scores, strict=True)
            for intent in ("i", "j")
        )
        listed = HypothesisList(request=request, hypotheses=hypotheses)
        yield judged(listed, reference_frame(request, DOMAIN_OF[skills[0]])), also


def evidence_of(listed, hypothesis):
    request = listed.request
    return (
        hypothesis.scores.shortlister,
        np.log1p(COUNTS.get(hypothesis.skill_id, 0)),
        hypothesis.skill_id in request.enabled_skills,
        hypothesis.intent == request.intent and hypothesis.domain == DOMAIN_OF[request.skill_id],
    )


def test_the_labels_are_those_that_the_map_of_dev_finds_likely():
    dev, rank = [one for one, _ in lists(600, 1, told=True)], list(lists(300, 2, told=False))
    found, report = pseudo_labelled([one for one, _ in rank], dev, COUNTS, DOMAIN_OF, likely=0.5)
    others = [(one, h) for one in dev for h in one.hypotheses[2::2]]
    evidence = np.array([evidence_of(*pair) for pair in others], np.float64)
    right = [h.skill_id in one.request.also_correct for one, h in others]
    peer = LogisticRegression(C=np.inf, tol=1e-8).fit(evidence, right)
    assert list(report.map.weights) == list(EVIDENCE)
    assert list(report.map.weights.values()) == pytest.approx(peer.coef_[0], abs=1e-3)
    assert report.map.intercept == pytest.approx(peer.intercept_[0], abs=1e-3)
    hits = 0
    for listed, (before, also) in zip(found, rank, strict=True):
        for hypothesis in before.hypotheses[2::2]:
            sure = report.map.probability(np.array([evidence_of(before, hypothesis)], np.float64))[0]
            assert (hypothesis.skill_id in listed.pseudo_labels) == (sure >= 0.5)
        assert before.request.skill_id not in listed.pseudo_labels
        hits += len(set(listed.pseudo_labels) & set(also))
    assert (report.candidates, report.likely) == (600, 0.5)
    assert report.labels == sum(len(each.pseudo_labels) for each in found)
    assert report.requests == sum(bool(each.pseudo_labels) for each in found)
    assert hits > 0.8 * report.labels > 50


def test_what_being_enabled_adds_to_a_score_is_taken_off():
    rng = np.random.default_rng(1)
    fit, enabled = rng.normal(scale=2.0, size=4000), rng.random(4000) < 0.5
    right = fit + rng.logistic(size=4000) > 0.0
    evidence = np.column_stack([fit + 3.0 * enabled, np.zeros(4000), enabled, np.zeros(4000)])
    found = fit_right_too(evidence, right)
    assert found.weights["score"] == pytest.approx(1.0, abs=0.1)
    assert found.weights["enabled"] == pytest.approx(-3.0, abs=0.3)
    assert (found.weights["requests"], found.weights["read_alike"]) == (0.0, 0.0)
    assert fit_right_too(np.zeros((0, 4)), np.zeros(0, bool)) == RightToo()
    assert not RightToo().probability(evidence).any()


def test_a_labelled_list_teaches_its_further_skills_as_right():
    dev = [one for one, _ in lists(300, 1, told=True)]
    found, _ = pseudo_labelled(
        [one for one, _ in lists(50, 2, told=False)], dev, COUNTS, DOMAIN_OF, likely=0.5
    )
    arrays = rank_lists(found, CATALOGUE)
    for row, listed in enumerate(found):
        right = {listed.request.skill_id, *listed.pseudo_labels}
        skills = list(dict.fromkeys(h.skill_id for h in listed.hypotheses))
        assert [s in right for s in skills] == arrays.right[row, : len(skills)].tolist()
        assert (arrays.right_any[row] == arrays.right[row]).all()
        for hypothesis in listed.hypotheses:
            assert hypothesis.judgement.skill_right == (hypothesis.skill_id in right)


def test_nothing_is_labelled_where_dev_or_the_request_says_nothing():
    dev, rank = [one for one, _ in lists(50, 1, told=True)], [one for one, _ in lists(20, 2, told=False)]
    silent = [one for one, _ in lists(50, 1, told=False)]
    assert pseudo_labelled(rank, silent, COUNTS, DOMAIN_OF, likely=0.1)[0] == rank
    assert pseudo_labelled([], [], COUNTS, DOMAIN_OF, likely=0.1)[0] == []
    unknown = [
        msgspec.structs.replace(one, request=msgspec.structs.replace(one.request, **change))
        for one in rank
        for change in ({"skill_id": None}, {"outcome": "rejected"})
    ]
    found, report = pseudo_labelled(unknown, dev, COUNTS, DOMAIN_OF, likely=0.01)
    assert (found, report.candidates) == (unknown, 0)


def test_the_training_says_what_it_was_taught(tmp_path):
    rank, dev = [one for one, _ in lists(60, 2, told=False)], [one for one, _ in lists(60, 1, told=True)]
    options = msgspec.structs.replace(TINY, epochs=1, pseudo_labels=True)
    said = []
    manifest = train_hyprank(
        rank,
        dev,
        CATALOGUE,
        COUNTS,
        options,
        version_folder=tmp_path / "model",
        run_folder=tmp_path / "run",
        report=said.append,
    )
    record = json.loads((tmp_path / "run" / "training.json").read_bytes())["pseudo_labels"]
    assert record["labels"] == manifest.metrics["rank_pseudo_labels"] > 0
    assert f"pseudo-labels: {record['labels']} in {record['requests']} of 60 lists" in said
    with pytest.raises(ValueError, match="`likely`"):
        msgspec.structs.replace(options, likely=0.0)
    alone = msgspec.structs.replace(options, pseudo_labels=False)
    manifest = train_hyprank(rank, dev, CATALOGUE, COUNTS, alone, version_folder=tmp_path / "model")
    assert manifest.metrics["rank_pseudo_labels"] == 0.0
