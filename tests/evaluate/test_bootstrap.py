import numpy as np
import pytest
from hypothesis import given, settings

from components.evaluate import bootstrap
from components.evaluate.judgement import ANSWERABLE, OUT_OF_SCOPE, Judgement
from components.evaluate.table import table_of
from components.records.semantic_rates import FrameErrors
from tests.evaluate.measured import metrics_of
from tests.evaluate.strategies import judgements


def intervals(judgements, **options):
    """Of all the requests."""
    table = table_of(judgements)
    drawn = bootstrap.resampled(table, {"all": np.arange(table.size)}, **options)
    return bootstrap.intervals({"all": metrics_of(judgements)}, drawn).get("all", {})


def coin(size, chance, seed):
    rng = np.random.default_rng(seed)
    right = rng.uniform(size=size) < chance
    return [Judgement(ANSWERABLE, int(r), int(r), "a", "a" if r else "b", chance) for r in right]


@settings(max_examples=40)
@given(judgements)
def test_an_interval_is_ordered_and_is_for_a_metric_that_was_measured(slice_):
    measured = metrics_of(slice_)
    for name, (low, high) in intervals(slice_, resamples=20).items():
        assert low <= high
        assert name in measured


def test_the_interval_of_a_share_is_the_binomial_one():
    low, high = intervals(coin(1009, 0.7, 0), resamples=2000)["top1"]
    share = metrics_of(coin(1009, 0.7, 0))["top1"]
    deviation = (share * (1 - share) / 1009) ** 0.5
    assert (low, high) == pytest.approx((share - 1.96 * deviation, share + 1.96 * deviation), abs=0.004)


def test_nineteen_of_twenty_intervals_cover_the_truth():
    covered = [
        low <= 0.7 <= high
        for s in range(200)
        for low, high in [intervals(coin(211, 0.7, s), resamples=200)["top1"]]
    ]
    assert 0.90 <= np.mean(covered) <= 0.99


def test_biased_figures_lie_in_their_interval():
    rng = np.random.default_rng(3)
    classes = [str(c) for c in rng.integers(300, size=997)]
    slice_ = [
        Judgement(ANSWERABLE, int(r), int(r), c, c if r else "0", conf)
        for c, conf in zip(classes, rng.uniform(size=997), strict=True)
        for r in [rng.uniform() < conf]
    ]
    measured = metrics_of(slice_)
    for name, (low, high) in intervals(slice_, resamples=300).items():
        assert low <= measured[name] <= high, name


def test_error_rates_of_frames_have_the_interval_of_a_share():
    wrong = [n < 300 for n in range(1000)]
    slice_ = [
        Judgement(ANSWERABLE, 1, 1, "a", "a", 0.7, frame=FrameErrors(3 * w, 2, 0, 1, w, w)) for w in wrong
    ]
    found = intervals([*slice_, *coin(500, 0.7, 0)], resamples=2000)
    deviation = (0.3 * 0.7 / 1000) ** 0.5
    assert found["irer"] == pytest.approx((0.3 - 1.96 * deviation, 0.3 + 1.96 * deviation), abs=0.004)
    scaled = (1.5 * 0.3 - 1.5 * 1.96 * deviation, 1.5 * 0.3 + 1.5 * 1.96 * deviation)
    for name in ("semer", "semer_per_request"):
        assert found[name] == pytest.approx(scaled, abs=0.006)
    certain = intervals([s for s, w in zip(slice_, wrong, strict=True) if w], resamples=20)
    assert certain["semer"] == (1.5, 1.5)


def test_the_seed_decides():
    slice_ = [*coin(101, 0.5, 0), *[Judgement(OUT_OF_SCOPE, accepted=bool(i % 3)) for i in range(31)]]
    assert intervals(slice_, seed=1) == intervals(slice_, seed=1)
    assert intervals(slice_, seed=1) != intervals(slice_, seed=2)
    assert "oos_rejection" in intervals(slice_)


def test_no_resamples_and_no_requests_give_no_interval():
    assert intervals(coin(7, 0.5, 0), resamples=0) == {}
    assert intervals([]) == {}
