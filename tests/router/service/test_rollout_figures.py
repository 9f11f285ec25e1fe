"""What live figures say of candidates, against formulas written out here."""

import math
import random
from datetime import UTC, date, datetime, timedelta

import pytest

from components.records.prediction import Hypothesis, Prediction
from components.records.request import Request, Routing
from components.router.service.feedback.journal import Journal, Line
from components.router.service.rollout.clustered import difference, mean, surely_above
from components.router.service.rollout.judge import LiveRule, judge_canary
from components.router.service.rollout.live import Live
from components.router.service.rollout.outcomes import lines_of, went_well
from components.router.service.rollout.shadowed import judge_shadow
from components.router.service.rollout.tally import Tally

RULE = LiveRule()


def said(skill, *, accepted=True):
    best = Hypothesis(skill_id=skill, domain="d", confidence=0.9)
    return Prediction(request_id="r", accepted=accepted, hypotheses=(best,))


def line(number, customer, outcome, skill, *, arm="stable", accepted=True, stage="s", **live):
    """Feedback on a request for which the router chose skill `a`."""
    record = Request(
        request_id=f"r{number}",
        utterance="x",
        customer_id=customer,
        outcome=outcome,
        skill_id=skill,
        routing=Routing(chosen="a"),
    )
    return Line(received=number, record=record, live=Live(rollout=stage, arm=arm, accepted=accepted, **live))


def test_a_mean_by_customer_is_the_ratio_of_sums():
    values = [("c1", 1.0), ("c1", 1.0), ("c1", 0.0), ("c2", 0.0), ("c3", 1.0)]
    found = mean(values)
    assert (found.value, found.requests, found.customers) == (3 / 5, 5, 3)
    # with one customer more who has a success, and one who has a failure
    r = 4 / 7
    spread = (2 - 3 * r) ** 2 + (0 - r) ** 2 + (1 - r) ** 2 + (1 - r) ** 2 + (0 - r) ** 2
    assert found.centre == pytest.approx(r)
    assert found.variance == pytest.approx(5 / 4 * spread / 7**2)
    low, high = difference(found, mean([("c9", 1.0)]))
    other = mean([("c9", 1.0)])
    half = 1.96 * math.sqrt(found.variance + other.variance)
    assert (low, high) == pytest.approx((2 / 3 - r - half, 2 / 3 - r + half))


def test_a_mean_of_nothing_is_no_number_and_knows_nothing():
    found = mean([])
    assert math.isnan(found.value)
    low, high = found.interval
    assert low < 0.0 < 1.0 < high


def test_the_interval_holds_as_often_as_it_says():
    """Customers whose requests go alike: 60 of them, with 1 to 9 requests each, 400 times."""
    rng, held = random.Random(5), 0
    for _ in range(400):
        arms = []
        for arm in range(2):
            values = []
            for customer in range(60):
                own = rng.betavariate(4, 2)
                values += [(f"{arm}-{customer}", float(rng.random() < own)) for _ in range(rng.randint(1, 9))]
            arms.append(mean(values))
        low, high = difference(*arms)
        held += low <= 0.0 <= high
    assert 0.92 <= held / 400 <= 0.98


@pytest.mark.parametrize(
    ("outcome", "skill", "accepted", "well"),
    [
        ("handled", "a", True, True),
        ("handled", "b", True, False),
        ("handled", "a", False, False),  # it should not have refused
        ("rejected", "a", True, False),
        ("out_of_scope", None, False, True),
        ("out_of_scope", None, True, False),
        ("unknown", None, True, None),
    ],
)
def test_what_an_outcome_says(outcome, skill, accepted, well):
    assert went_well(line(1, "c", outcome, skill, accepted=accepted)) is well


def outcomes(arm, right, wrong, *, customers=50):
    return [
        line(n, f"{arm}{n % customers}", "handled" if n < right else "rejected", "a", arm=arm)
        for n in range(right + wrong)
    ]


def test_a_canary_that_is_worse_beyond_chance_is_refused():
    found = judge_canary({}, [*outcomes("stable", 900, 100), *outcomes("canary", 160, 40)], RULE)
    assert (found.verdict, found.change) == ("worse", pytest.approx(0.8 - 0.9))
    assert found.low < -0.1 < found.high < 0.0
    assert found.refusals[0].startswith("fewer requests go well (-10.00 points, 95 % interval -")
    assert found.words == f"Not to be promoted: {found.refusals[0]}."


def test_a_canary_as_good_or_better_is_not():
    same = judge_canary({}, [*outcomes("stable", 900, 100), *outcomes("canary", 181, 19)], RULE)
    assert (same.verdict, same.refusals) == ("same", ())
    better = judge_canary({}, [*outcomes("stable", 800, 200), *outcomes("canary", 196, 4)], RULE)
    assert (better.verdict, better.refusals) == ("better", ())
    assert better.words.startswith("More requests go well (+18.00 points")


@pytest.mark.parametrize(("right", "customers"), [(99, 50), (500, 19), (0, 1)])
def test_too_little_feedback_is_no_verdict(right, customers):
    lines = [*outcomes("stable", 900, 100), *outcomes("canary", right, 0, customers=customers)]
    found = judge_canary({}, lines, RULE)
    assert found.verdict == "too few"
    assert f"canary: {right} outcomes of {min(right, customers)} customers" in found.words


def tally(requests, seconds, slow=0, slow_seconds=0.0, **more):
    made = Tally(requests=requests, accepted=requests, **more)
    for number in range(requests):
        made.took(slow_seconds if number < slow else seconds)
    return made


def test_a_slow_canary_and_one_that_does_not_answer_are_refused():
    lines = [*outcomes("stable", 900, 100), *outcomes("canary", 900, 100)]
    usual = tally(10_000, 0.004, slow=50, slow_seconds=0.02)
    good = judge_canary({"stable": usual, "canary": tally(1000, 0.004, 9, 0.02)}, lines, RULE)
    assert good.refusals == ()
    assert good.arms["canary"].p50_ms == pytest.approx(4.0, rel=0.11)
    assert good.arms["stable"].p99_ms == pytest.approx(4.0, rel=0.11)
    slow = judge_canary({"stable": usual, "canary": tally(1000, 0.004, 30, 0.02)}, lines, RULE)
    assert len(slow.refusals) == 1
    assert slow.refusals[0].startswith("slower (99 % within 2")
    few = judge_canary({"stable": usual, "canary": tally(20, 0.004, 1, 0.02)}, lines, RULE)
    assert few.refusals == ()  # one of twenty may be chance
    silent = judge_canary({"stable": usual, "canary": tally(1000, 0.004, fell_back=30)}, lines, RULE)
    assert silent.refusals == ("the candidates could not answer 30 of 1,000 requests",)
    assert silent.arms["canary"].fell_back == 0.03


def test_surely_above():
    size, hits = 1002, 31
    p = hits / size
    assert surely_above(30, 1000, p - 1.96 * math.sqrt(p * (1 - p) / size) - 1e-9)
    assert not surely_above(30, 1000, p - 1.96 * math.sqrt(p * (1 - p) / size) + 1e-9)
    assert not surely_above(0, 0, 0.01)


def test_a_shadow_is_judged_by_what_outcomes_tell_and_no_more():
    def shadowed(number, outcome, skill, shadow, **more):
        served = said("a", accepted=more.get("accepted", True))
        return line(number, f"c{number}", outcome, skill, served=served, shadow=shadow, **more)

    lines = [
        shadowed(1, "handled", "a", said("a")),  # both
        shadowed(2, "handled", "a", said("b")),  # what was served alone, as far as is known
        shadowed(3, "handled", "b", said("b")),  # the shadow alone
        shadowed(4, "rejected", "a", said("a")),  # neither
        shadowed(5, "rejected", "a", said("b")),  # not known
        shadowed(6, "out_of_scope", None, said("b", accepted=False)),  # the shadow alone
        shadowed(7, "out_of_scope", None, said("b", accepted=False), accepted=False),  # both
        shadowed(8, "unknown", None, said("b")),
        line(9, "c9", "handled", "a"),  # it was not asked
    ]
    counted = Tally(requests=20, accepted=9, fell_back=2, dropped=3, agreed=6, bins={10: 18})
    found = judge_shadow({"shadow": counted, "stable": tally(50, 0.004)}, lines)
    assert found.served_p99_ms == pytest.approx(4.0, rel=0.11)
    assert (found.both, found.served_alone, found.shadow_alone, found.neither, found.unknown) == (
        2,
        1,
        2,
        1,
        1,
    )
    assert (found.outcomes, found.served_right, found.change) == (7, 3 / 7, pytest.approx(1 / 7))
    assert found.at_best == pytest.approx(2 / 7)
    r, clusters = 1 / 9, [0, -1, 1, 0, 0, 1, 0, -1, 1]
    variance = 9 / 8 * sum((d - r) ** 2 for d in clusters) / 81
    assert (found.low, found.high) == pytest.approx(
        (r - 1.96 * math.sqrt(variance), r + 1.96 * math.sqrt(variance))
    )
    assert (found.asked, found.failed, found.dropped, found.agreed, found.refused) == (20, 2, 3, 6 / 18, 0.5)
    assert judge_shadow({}, []).words.startswith("No feedback yet")


def test_the_journal_gives_a_stage_its_last_word(tmp_path):
    journal = Journal(tmp_path)
    day, now = date(2026, 11, 21), datetime.now(UTC)
    for each in (
        line(1, "c", "rejected", "a"),
        line(2, "c", "handled", "a", stage="other"),
        line(3, "c", "handled", "a"),
    ):
        journal.append(day, each)
    later = line(1, "c", "handled", "a")
    journal.append(day, Line(received=9, record=later.record, live=later.live))
    journal.append(day, Line(received=4, record=Request(request_id="r4", utterance="x")))
    journal.close()
    found = list(lines_of(tmp_path, "s", now - timedelta(hours=1)))
    assert [(each.record.request_id, each.record.outcome) for each in found] == [
        ("r1", "handled"),
        ("r3", "handled"),
    ]
    assert list(lines_of(tmp_path, "s", now + timedelta(hours=1))) == []
    assert list(lines_of(tmp_path / "none", "s", now)) == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"least_outcomes": 0}, "`least_outcomes` must be positive"),
        ({"most_slower": 0.5}, "`most_slower` must be at least 1"),
        ({"most_fell_back": 2.0}, "`most_fell_back` must lie in 0 to 1"),
    ],
)
def test_a_rule_that_cannot_be(options, words):
    with pytest.raises(ValueError, match=words):
        LiveRule(**options)
