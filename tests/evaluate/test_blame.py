"""Which candidates are refused for what, and what the verdict says of each."""

import msgspec
import pytest

from components.evaluate.evaluation import Evaluation
from components.evaluate.slices import slice_name
from components.evaluate.verdict import Round, decide, settle
from tests.evaluate.test_verdict import GOOD, only

BOOKS, MUSIC, NEWS = (f"domain-{name}" for name in ("books", "music", "news"))
ALL = ("shortlister", BOOKS, MUSIC, NEWS, "hyprank")
SHARED = {"shortlister", "hyprank"}
LIMITS = only(min_top1=0.7, min_domain_top1=0.5)


def judged(candidates=ALL, *, final=False, earlier=None, forced=None, limits=LIMITS, overall=None, **domains):
    """The verdict where these domains have this top-1, the others a good one."""
    top1 = {"books": 0.9, "music": 0.9, "news": 0.9, **domains}
    slices = {slice_name("domain", name): {"answerable": 60, "top1": value} for name, value in top1.items()}
    evaluation = Evaluation(split="test", slices={"all": {**GOOD, **(overall or {})}, **slices})
    return decide(evaluation, limits, None, Round(tuple(candidates), final, earlier, forced))


def held(verdict):
    return {model.model for model in verdict.held_back}


def test_every_candidate_has_its_verdict_and_every_check_says_of_whom_it_speaks():
    verdict = judged()
    assert verdict.blessed
    assert [model.model for model in verdict.models] == list(ALL)
    assert {check.slice: check.models for check in verdict.checks if check.name == "min_domain_top1"} == {
        "domain:books": (BOOKS,),
        "domain:music": (MUSIC,),
        "domain:news": (NEWS,),
    }
    assert {check.models for check in verdict.checks if check.name == "min_top1"} == {
        ("shortlister", "hyprank")
    }
    assert verdict.models[1].words == "Blessed: all 2 checks of it passed."


@pytest.mark.parametrize(
    ("domains", "overall", "refused"),
    [
        ({"music": 0.4}, {}, {MUSIC}),
        ({"music": 0.4}, {"top1": 0.6}, {MUSIC}),  # which may be why the whole is worse
        ({}, {"top1": 0.6}, SHARED),
        ({"music": 0.4, "news": 0.4}, {}, SHARED),  # most domains: hardly their own fault
        ({}, {"answerable": 0}, {*ALL}),  # nothing is proven of anything
    ],
)
def test_a_failure_refuses_those_that_it_speaks_of(domains, overall, refused):
    verdict = judged(overall=overall, **domains)
    assert held(verdict) == refused
    assert not verdict.blessed
    assert verdict.allows(ALL) is False
    assert verdict.allows([model for model in ALL if model not in refused]) is True


def test_the_last_judgement_refuses_all_that_is_left():
    assert held(judged(final=True, music=0.4)) == {*ALL}
    assert held(judged((MUSIC,), final=True, news=0.4)) == {MUSIC}


def test_a_domain_whose_model_is_no_candidate_speaks_of_the_shared_models_or_else_of_all():
    assert held(judged(("shortlister", BOOKS, "hyprank"), music=0.4)) == SHARED
    assert held(judged((BOOKS, NEWS), music=0.4)) == {BOOKS, NEWS}


def test_the_verdict_after_the_rest_was_judged_again():
    first = judged(music=0.4)
    assert first.words.startswith("Blessed but for music: top-1 accuracy on domain:music is 0.4000; at")
    rest = [model for model in ALL if model != MUSIC]
    last = judged(rest, final=True, earlier=first)
    assert held(last) == {MUSIC}
    assert last.allows(rest)
    assert last.words.endswith("Without, all 5 checks passed.")
    assert [check.judgement for check in last.checks] == [1, 2, 2, 2, 2, 2]
    [words] = [model.words for model in last.models if model.model == MUSIC]
    assert words.startswith("Refused: top-1 accuracy on domain:music is 0.4000; at least 0.5000 is needed")
    worse = judged(rest, final=True, earlier=first, news=0.4)
    assert held(worse) == {*ALL}
    assert worse.words.startswith("Not blessed: 2 of 6 checks failed.")


def test_a_candidate_that_the_rest_has_no_use_for_is_held_back():
    first = judged(overall={"top1": 0.6})
    last = judged((BOOKS, NEWS), final=True, earlier=first)
    assert held(last) == {*SHARED, MUSIC}
    assert "knows no skill of its domain" in last.models[1].words


def test_where_nothing_was_judged_anew_the_verdict_stays_or_refuses_what_cannot_stand_alone():
    good, bad = judged(), judged(overall={"top1": 0.6})
    asked = Round(ALL, True)
    assert settle(good, asked) == good
    settled = settle(bad, asked)
    assert held(settled) == {*ALL}
    assert "there is no system to judge it in" in settled.models[1].words
    kept = judged(("shortlister", BOOKS, NEWS, "hyprank"), earlier=judged(music=0.4))
    assert settle(kept, Round(("shortlister", BOOKS, NEWS, "hyprank"), True)) == kept


def test_force_holds_nothing_back_and_is_said():
    verdict = judged(forced="ticket 12", music=0.4)
    assert not verdict.blessed
    assert not verdict.held_back
    assert verdict.allows(ALL)
    assert verdict.words.endswith("Pushed by force: ticket 12")
    assert settle(verdict, Round(ALL, True, forced="ticket 12")) == verdict
    assert msgspec.json.decode(msgspec.json.encode(verdict), type=type(verdict)) == verdict
