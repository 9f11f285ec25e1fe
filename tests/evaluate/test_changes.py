"""The gate against what is in service: figures made by hand, and systems that only chance tells apart."""

import msgspec
import numpy as np
import pytest

from components.evaluate.differences import Comparison, Difference
from components.evaluate.evaluation import Evaluation
from components.evaluate.options import Thresholds
from components.evaluate.slices import slice_name
from components.evaluate.verdict import Round, decide
from components.records.domain_signature import domain_model
from tests.evaluate.test_verdict import GOOD, NONE, only

DOMAINS = tuple(f"domain {number}" for number in range(12))
CANDIDATES = ("shortlister", *map(domain_model, DOMAINS), "hyprank")


def difference(before, after, deviation):
    low, high = after - before - 2 * deviation, after - before + 2 * deviation
    return Difference(
        before=before,
        after=after,
        change=after - before,
        low=low,
        high=high,
        deviation=deviation,
        significant=low > 0 or high < 0,
    )


def compared(differences, counts=None):
    """An evaluation with these differences, and the one that it is compared with."""
    slices = {
        name: {**GOOD, "answerable": (counts or {}).get(name, 200), **{m: d.after for m, d in found.items()}}
        for name, found in {"all": {}, **differences}.items()
    }
    after = Evaluation(split="test", slices=slices, comparison=Comparison(differences=differences))
    return after, Evaluation(split="test", slices=slices)


def test_a_change_fails_where_it_is_above_its_limit_and_chance_does_not_explain_it():
    limits = only(max_top1_drop=0.01, false_alarms=0.05)
    for after, deviation, passed, words in (
        (0.795, 0.001, True, "fell by 0.0050, from 0.8000 to 0.7950; a fall of 0.01 is allowed"),
        (0.780, 0.020, True, "a fall of 0.01 is allowed, but chance alone explains up to 0.0379"),
        (0.780, 0.005, False, "a fall of 0.01 is allowed, and chance explains 0.0132 at most"),
        (0.820, 0.001, True, "rose by 0.0200, from 0.8000 to 0.8200"),
        (0.800, 0.000, True, "is 0.8000 as before"),
    ):
        [check] = [
            check
            for check in decide(*_apart(limits, {"all": {"top1": difference(0.8, after, deviation)}})).checks
            if check.name == "max_top1_drop"
        ]
        assert check.passed is passed
        assert words in check.reason
        room = 1.6449 * deviation + 1 / 200 if deviation else 0.0  # of 200 requests
        assert (check.low, check.high) == pytest.approx((after - 0.8 - room, after - 0.8 + room), abs=1e-5)


def _apart(limits, differences, size=200):
    counts = {name: size * (len(DOMAINS) if name == "all" else 1) for name in differences}
    evaluation, baseline = compared(differences, counts if len(differences) > 12 else None)
    return evaluation, limits, baseline


def test_the_more_figures_are_compared_the_wider_each_interval():
    """Bonferroni: with 24 figures each has 0.05 / 24, z = 2.865."""
    limits = only(max_domain_top1_drop=0.05, max_domain_irer_rise=0.05)
    differences = {
        slice_name("domain", domain): {"top1": difference(0.8, 0.7, 0.04), "irer": difference(0.1, 0.1, 0.0)}
        for domain in DOMAINS
    }
    verdict = decide(*_apart(limits, differences))
    assert verdict.blessed
    checks = [check for check in verdict.checks if check.name == "max_domain_top1_drop"]
    assert all(check.high == pytest.approx(-0.1 + 2.8653 * 0.04 + 1 / 200, abs=1e-4) for check in checks)
    assert "explains up to 0.1196, 24 figures compared at once" in checks[0].reason
    one = {slice_name("domain", "a"): differences[slice_name("domain", DOMAINS[0])]}
    assert not decide(*_apart(limits, one)).blessed


def test_a_small_domain_that_misses_an_absolute_threshold_by_chance_passes():
    limits = only(min_domain_top1=0.7)
    name = slice_name("domain", "Music")
    evaluation = Evaluation(split="test", slices={"all": GOOD, name: {"answerable": 60, "top1": 0.66}})
    assert not decide(evaluation, limits).blessed
    unsure = msgspec.structs.replace(evaluation, intervals={name: {"top1": (0.60, 0.72)}})
    verdict = decide(unsure, limits)
    assert verdict.blessed
    assert "but chance alone explains up to 0.0670" in verdict.checks[-1].reason
    assert (verdict.checks[-1].low, verdict.checks[-1].high) == pytest.approx((0.5930, 0.7270), abs=1e-4)
    sure = msgspec.structs.replace(evaluation, intervals={name: {"top1": (0.65, 0.67)}})
    assert not decide(sure, limits).blessed


def test_where_skills_were_added_a_domain_is_held_against_its_other_requests():
    limits = only(max_domain_top1_drop=0.05)
    own, kept = slice_name("domain", "Music"), "added:no & domain:Music"
    evaluation, baseline = compared(
        {own: {"top1": difference(0.5, 0.8, 0.01)}, kept: {"top1": difference(0.9, 0.7, 0.01)}}
    )
    slices = {**evaluation.slices, "added:no": GOOD}
    [check] = decide(msgspec.structs.replace(evaluation, slices=slices), limits, baseline).failures
    assert (check.slice, check.threshold) == (kept, pytest.approx(0.85))


def _drawn(rng, worse=(), size=150, flips=0.08, top1=0.85):
    """Two systems' answers to the same requests: equally good, but for the domains that are worse."""
    found = {}
    rights = []
    for domain in DOMAINS:
        before = rng.random(size) < top1
        after = np.where(rng.random(size) < flips / 0.255, rng.random(size) < top1, before)  # as good
        if domain in worse:
            after &= rng.random(size) > 0.25
        rights.append((before, after))
        found[slice_name("domain", domain)] = {"top1": _paired(before, after)}
    before, after = (np.concatenate(part) for part in zip(*rights, strict=True))
    return {"all": {"top1": _paired(before, after)}, **found}


def _paired(before, after):
    change = after.astype(float) - before
    return difference(before.mean(), after.mean(), change.std() / np.sqrt(len(change)))


STRICT = msgspec.structs.replace(NONE, max_top1_drop=0.0, max_domain_top1_drop=0.0)
"""No fall is allowed: nothing but the interval tells chance from a regression."""
DEFAULTS = msgspec.structs.replace(STRICT, max_top1_drop=0.01, max_domain_top1_drop=0.05)


def test_of_systems_that_only_chance_tells_apart_one_in_twenty_is_refused_at_most():
    rng = np.random.default_rng(0)
    alarms = [not decide(*_apart(STRICT, _drawn(rng))).blessed for _ in range(1000)]
    assert np.mean(alarms) < 0.05
    alarms = [not decide(*_apart(STRICT, _drawn(rng, size=400), 400)).blessed for _ in range(500)]
    assert 0.01 < np.mean(alarms) < 0.05 + 2 * np.sqrt(0.05 * 0.95 / 500)
    sure = [not decide(*_apart(STRICT, _drawn(rng, top1=0.97, flips=0.03))).blessed for _ in range(500)]
    assert np.mean(sure) < 0.05  # where few requests change sides, too


def test_without_the_correction_every_other_would_be():
    rng = np.random.default_rng(1)
    drawn = [[found["top1"] for found in _drawn(rng).values()] for _ in range(300)]
    each = [any(d.change < -1.6449 * d.deviation for d in found) for found in drawn]
    assert np.mean(each) > 0.3


def test_a_domain_that_is_worse_is_caught_and_no_other_is_blamed():
    rng = np.random.default_rng(2)
    found = [
        {
            held.model
            for held in decide(
                *_apart(DEFAULTS, _drawn(rng, worse=DOMAINS[3:4])), Round(candidates=CANDIDATES, final=False)
            ).held_back
        }
        for _ in range(200)
    ]
    assert sum(held == {domain_model(DOMAINS[3])} for held in found) > 180


def test_false_alarms_must_be_a_share():
    for share in (0.0, 1.0):
        with pytest.raises(ValueError, match="`false_alarms` must lie in 0 to 1"):
            Thresholds(false_alarms=share)
