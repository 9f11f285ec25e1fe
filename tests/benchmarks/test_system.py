"""What the whole system's benchmarks count, on answers written out by hand."""

import numpy as np
import pytest

from benchmarks.system.answers import Answer, by_reranker, judge
from benchmarks.system.domain_lists import domain_lists, domain_names, tempered
from benchmarks.system.figures import figures, slices
from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.judge import judged, reference_frame
from components.records.prediction import Scores
from components.records.request import Context, Request, Slot
from components.records.reranker import Reranker

DOMAINS = {"films": "Media", "cinema": "Media", "cabs": "Travel"}
TITLE = Slot(name="title", value="Moana", start=5, end=10)


def request(number, *, new=True, turn=0, **given):
    truth = {"skill_id": "films", "intent": "Play", "slots": (TITLE,), "also_correct": ("cinema",)} | given
    context = Context(turn=turn, new_intent=new)
    return Request(request_id=f"r{number}", utterance="play Moana", context=context, **truth)


def reading(skill_id="films", intent="Play", slots=(TITLE,), **scores):
    given = {"shortlister": 1.0, "domain": 2.0, "intent": -0.1, "slots": -0.2} | scores
    return ReadCandidate(
        skill_id=skill_id, domain=DOMAINS[skill_id], intent=intent, slots=slots, scores=Scores(**given)
    )


def test_what_is_right():
    answers = [
        Answer(request(0), reading(), 0.9),
        Answer(request(1), reading(slots=()), 0.8),
        Answer(request(2), reading("cinema"), 0.7),
        Answer(request(3), reading("cabs"), 0.6),
        Answer(request(4), None, 0.0),
        Answer(request(5, skill_id=None), reading(), 0.5),
    ]
    found = judge(answers, DOMAINS)
    assert len(found) == 5
    assert found.skill.tolist() == [True, True, False, False, False]
    assert found.any_skill.tolist() == [True, True, True, False, False]
    assert found.right_domain.tolist() == [True, True, True, False, False]
    assert found.framed.tolist() == [True, True, False, True, True]
    assert found.whole.tolist() == [True, False, False, False, False]
    assert found.errors.tolist()[:2] == [0.0, 1.0]
    assert found.of(found.skill).requests[1].request_id == "r1"


def test_figures_of_answers():
    answers = [Answer(request(0), reading(), 1.0), Answer(request(1), reading(slots=()), 0.5)]
    found = figures(judge(answers, DOMAINS), "whole")
    assert (found.requests, found.any_skill, found.domain, found.intent) == (2, 1.0, 1.0, 1.0)
    assert found.slot_f1 == pytest.approx(2 / 3)
    assert (found.semer, found.irer) == (0.25, 0.5)
    assert found.ece == pytest.approx(0.25)
    assert (found.worst_domain, found.worst_ece) == ("", None)
    assert figures(judge(answers, DOMAINS), None).ece is None


def test_slices_are_of_dialogues_alone():
    told = [request(0), request(1, turn=2), request(2, new=False, turn=3)]
    parts = slices(judge([Answer(each, reading(), 0.5) for each in told], DOMAINS))
    assert [rows.tolist() for rows in parts.values()] == [
        [True, True, False],
        [True, False, False],
        [False, True, False],
        [False, False, True],
    ]
    assert slices(judge([Answer(told[0], reading(), 0.5)], DOMAINS)) == {}


def test_a_temperature_of_one_changes_nothing_and_a_high_one_evens_out():
    listed = HypothesisList(request=request(0), hypotheses=(reading(), reading("cabs")))
    same = tempered(listed, {"Media": 1.0}).hypotheses[0].scores
    assert (same.domain, same.intent, same.slots) == (2.0, pytest.approx(-0.1), pytest.approx(-0.2))
    even, other = (each.scores for each in tempered(listed, {"Media": 1e9}).hypotheses)
    assert (even.domain, even.intent) == (pytest.approx(0.0, abs=1e-6), pytest.approx(np.log(0.5)))
    assert (other.domain, other.intent) == (2.0, pytest.approx(-0.1))


def test_lists_of_domains_and_the_likeliest_answer():
    lists = []
    for number in range(3):
        told = request(number)
        listed = HypothesisList(request=told, hypotheses=(reading(), reading("cabs", domain=-3.0)))
        lists.append(judged(listed, reference_frame(told, "Media")))
    names = domain_names(lists, DOMAINS)
    assert list(names) == ["Media"]
    (media,) = domain_lists(lists, DOMAINS, names)
    assert media.request.tolist() == [0, 1, 2]
    assert media.lists.right.all()
    by_domain = {
        domain: Reranker(loss="R0", features=("domain",), weights=(1.0,), own_share=0.5, lists=1)
        for domain in ("Media", "Travel")
    }
    best = by_reranker(lists, by_domain)[0]
    assert best.best.skill_id == "films"
    assert best.confidence == pytest.approx(1 / (1 + np.exp(-2.0)))
