"""Two systems on the same requests: joined by id, compared on the same draws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings

from components.evaluate.bootstrap import resampled
from components.evaluate.differences import Measured, compare
from components.evaluate.judgement import ANSWERABLE, OUT_OF_SCOPE, Judgement
from components.evaluate.slicing import slices_of
from components.evaluate.table import table_of
from components.evaluate.tally import tally
from tests.evaluate.strategies import judgements


def answers(right, confidence=0.7, ids=None, features=None):
    """Requests of one class, answered rightly or not."""
    judged = [Judgement(ANSWERABLE, int(r), int(r), "a", "a" if r else "b", confidence) for r in right]
    return table_of(judged, ids, features)


@settings(max_examples=30)
@given(judgements, judgements)
def test_the_figures_are_those_of_the_common_requests(before, after):
    common = min(len(before), len(after))
    found = compare(table_of(before), table_of(after), ["all"], resamples=5)
    assert (found.paired, found.only_before, found.only_after) == (
        common,
        len(before) - common,
        len(after) - common,
    )
    was, now = (tally(table_of(each[:common])).metrics() for each in (before, after))
    for name, difference in found.differences.get("all", {}).items():
        assert difference.before == pytest.approx(was[name], abs=1e-9)
        assert difference.after == pytest.approx(now[name], abs=1e-9)
        assert difference.change == pytest.approx(now[name] - was[name], abs=1e-9)
        assert difference.low <= difference.high
        assert difference.significant == (difference.low > 0 or difference.high < 0)


def test_the_same_answers_differ_in_nothing():
    rng = np.random.default_rng(0)
    table = answers(rng.uniform(size=101) < 0.7)
    for name, difference in compare(table, table, ["all"], resamples=50).differences["all"].items():
        found = (difference.change, difference.low, difference.high, difference.deviation)
        assert found == (0.0, 0.0, 0.0, 0.0), name
        assert not difference.significant


def test_the_interval_is_that_of_the_mean_of_paired_changes():
    rng = np.random.default_rng(1)
    before = rng.uniform(size=1009) < 0.7
    after = np.where(rng.uniform(size=1009) < 0.1, ~before, before)
    change = after.astype(float) - before
    deviation = change.std() / math.sqrt(1009)
    found = compare(answers(before), answers(after), ["all"], resamples=2000).differences["all"]["top1"]
    assert found.deviation == pytest.approx(deviation, rel=0.08)
    expected = (change.mean() - 1.96 * deviation, change.mean() + 1.96 * deviation)
    assert (found.low, found.high) == pytest.approx(expected, abs=0.004)
    unpaired = math.sqrt((before.var() + after.var()) / 1009)
    assert found.high - found.low < 0.6 * 2 * 1.96 * unpaired


def test_one_of_twenty_unchanged_systems_seems_to_differ():
    alarms = []
    for seed in range(100):
        rng = np.random.default_rng(seed)
        before, after = (answers(rng.uniform(size=211) < 0.7) for _ in range(2))
        difference = compare(before, after, ["all"], resamples=200, seed=seed).differences["all"]["top1"]
        alarms.append(difference.significant)
    assert 0.0 < np.mean(alarms) <= 0.12


def test_requests_are_joined_by_id_in_whatever_order():
    rng = np.random.default_rng(2)
    ids = [f"r{i}" for i in range(53)]
    before, after = rng.uniform(size=53) < 0.5, rng.uniform(size=53) < 0.9
    order = rng.permutation(53)
    shuffled = answers(after[order], ids=[ids[i] for i in order])
    found = compare(answers(before, ids=ids), shuffled, ["all"], resamples=100).differences["all"]["brier"]
    assert found.before == pytest.approx(((0.7 - before) ** 2).mean())
    assert found.after == pytest.approx(((0.7 - after) ** 2).mean())


def test_slices_are_those_of_the_later_system_but_for_what_was_answered():
    was = [{"device": "tv", "predicted_domain": "A"}, {"device": "tv", "predicted_domain": "B"}]
    now = [{"device": "tv", "predicted_domain": "A"}, {"device": "car", "predicted_domain": "A"}]
    before, after = answers([True, False], features=was), answers([True, True], features=now)
    names = slices_of(after, crosses=[("device", "predicted_domain")]).rows
    found = compare(before, after, names, resamples=10).differences
    top1 = {name: (metrics["top1"].before, metrics["top1"].after) for name, metrics in found.items()}
    assert top1 == {
        "all": (0.5, 1.0),
        "device:tv": (1.0, 1.0),
        "device:car": (0.0, 1.0),
        "predicted_domain:A": (1.0, 1.0),
        "device:tv & predicted_domain:A": (1.0, 1.0),
    }


def test_nothing_in_common_and_no_resamples_give_no_difference():
    one, other = answers([True], ids=["a"]), answers([True], ids=["b"])
    assert compare(one, other, ["all"]).differences == {}
    assert compare(one, one, ["all"], resamples=0).paired == 1
    scope = table_of([Judgement(OUT_OF_SCOPE, accepted=False)])
    assert set(compare(scope, scope, ["all"], resamples=5).differences["all"]) == {
        "oos_rejection",
        "false_accepts",
    }


def test_figures_at_hand_are_taken_where_every_request_is_paired():
    rng = np.random.default_rng(3)
    before, after = (answers(rng.uniform(size=61) < 0.7) for _ in range(2))
    rows = slices_of(after).rows
    own = Measured(
        {name: tally(after.take(held)).metrics() for name, held in rows.items()},
        resampled(after, rows, resamples=20),
    )
    expected = compare(before, after, rows, resamples=20)
    assert compare(before, after, rows, resamples=20, of_after=own) == expected
    fewer = before.take(np.arange(60))
    assert compare(fewer, after, rows, resamples=20, of_after=own) == compare(
        fewer, after, rows, resamples=20
    )
