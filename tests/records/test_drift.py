from collections import Counter
from datetime import UTC, datetime, timedelta

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.metrics import f1_score

from components.records import calibration, drift
from components.records.drift import DriftOptions, by_week, compare, population_stability
from components.records.drift_window import Seen, Tally

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)

seen = st.builds(
    Seen,
    device=st.sampled_from([None, "tv", "phone"]),
    locale=st.sampled_from([None, "en-GB"]),
    domain=st.sampled_from([None, "A", "B"]),
    customer=st.sampled_from([None, "c1", "c2", "c3"]),
    words=st.integers(0, 5),
    unknown=st.just(0),
    accepted=st.booleans(),
    confidence=st.floats(0.0, 1.0),
    truth=st.sampled_from([None, "x", "y"]),
    predicted=st.sampled_from(["", "x", "y", "z"]),
).map(
    lambda one: one._replace(
        unknown=one.words // 2, right=one.truth is not None and one.truth == one.predicted
    )
)


def tally(requests):
    found = Tally()
    for one in requests:
        found.add(one)
    return found


@given(st.lists(seen, min_size=1, max_size=31))
def test_figures_are_those_of_a_plain_computation(requests):
    window = tally(requests).window()
    labelled = [one for one in requests if one.truth is not None]
    assert (window.requests, window.labelled) == (len(requests), len(labelled))
    values = {name: figure.value for name, figure in window.figures.items()}
    assert values["refused"] == pytest.approx(np.mean([not one.accepted for one in requests]))
    assert values["confidence"] == pytest.approx(np.mean([one.confidence for one in requests]))
    words = sum(one.words for one in requests)
    if words:
        assert values["unknown_words"] == pytest.approx(sum(one.unknown for one in requests) / words)
    assert window.mixes.get("device", drift.Mix(counts={}, effective=0)).counts == dict(
        Counter(one.device for one in requests if one.device)
    )
    if not labelled:
        assert not {"top1", "ece", "macro_f1"} & values.keys()
        return
    confidence, right = (
        np.array([one.confidence for one in labelled]),
        np.array([one.right for one in labelled]),
    )
    assert values["top1"] == pytest.approx(right.mean())
    assert values["ece"] == pytest.approx(calibration.ece(confidence, right), abs=1e-9)
    truths, predictions = [one.truth for one in labelled], [one.predicted for one in labelled]
    classes = sorted({*truths, *predictions} - {""})
    expected = f1_score(truths, predictions, labels=classes, average="macro", zero_division=0)
    assert values["macro_f1"] == pytest.approx(expected)


@given(st.lists(seen, max_size=23), st.lists(seen, min_size=1, max_size=23))
def test_tallies_add_up(first, second):
    total = tally(first)
    total += tally(second)
    one, other = total.window(), tally([*first, *second]).window()
    assert one.mixes.keys() == other.mixes.keys()
    for name, figure in other.figures.items():
        assert one.figures[name].value == pytest.approx(figure.value, abs=1e-12)
        assert one.figures[name].error == pytest.approx(figure.error, abs=1e-7)


def test_errors_are_those_of_the_bootstrap_over_customers():
    rng = np.random.default_rng(0)
    rate, size = rng.beta(1, 2, 211), rng.integers(1, 23, 211)
    refused = rng.binomial(size, rate)
    requests = [Seen(customer=str(c), accepted=i >= refused[c]) for c in range(211) for i in range(size[c])]
    picks = rng.integers(0, 211, (4001, 211))
    drawn = refused[picks].sum(axis=1) / size[picks].sum(axis=1)
    assert tally(requests).window().figures["refused"].error == pytest.approx(drawn.std(), rel=0.05)
    alone = tally([one._replace(customer=None) for one in requests]).window().figures["refused"].error
    share = refused.sum() / size.sum()
    assert alone == pytest.approx(np.sqrt(share * (1 - share) / size.sum()), rel=0.01)


def test_requests_of_one_customer_count_less_in_a_mix():
    devices = [f"d{i % 3}" for i in range(89)]
    loyal = [Seen(device=device, customer=str(i)) for i, device in enumerate(devices) for _ in range(7)]
    mix = tally(loyal).window().mixes["device"]
    assert sum(mix.counts.values()) == 89 * 7
    assert mix.effective == pytest.approx(89, rel=0.03)
    free = tally([one._replace(customer=None) for one in loyal]).window().mixes["device"]
    assert free.effective == pytest.approx(89 * 7, rel=0.01)


def test_population_stability_is_the_formula():
    after, before = {"tv": 300, "phone": 700}, {"tv": 600, "phone": 400}
    q, p = np.array([300.5, 700.5]) / 1001, np.array([600.5, 400.5]) / 1001
    index, values = population_stability(after, before)
    assert index == pytest.approx(float(((q - p) * np.log(q / p)).sum()))
    assert values == 2
    assert population_stability({"tv": 1000}, {"tv": 500}) == (0.0, 1)
    assert population_stability({}, {}) == (0.0, 0)
    rare = {f"rare{i}": 1 for i in range(7)}
    assert population_stability(after | rare, before | rare)[1] == 3


def world(rng, weeks, customers=97, requests=400, change=None):
    """Weeks of customers that are each their own: own device, refusals and accuracy."""
    device = rng.integers(0, 3, customers)
    activity = rng.dirichlet(np.full(customers, 0.7))
    refuse, able = rng.beta(1, 9, customers), rng.beta(8, 2, customers)
    for week in range(weeks):
        for c in rng.choice(customers, requests, p=activity):
            right = rng.random() < able[c]
            one = Seen(
                device=f"d{device[c]}",
                customer=str(c),
                domain=f"D{rng.integers(4)}",
                words=5,
                unknown=int(rng.random() < 0.1),
                accepted=rng.random() > refuse[c],
                confidence=float(np.clip(able[c], 0, 1)),
                truth="x" if right else "y",
                predicted="x",
                right=bool(right),
            )
            yield (
                MONDAY + timedelta(weeks=week, hours=3),
                one if change is None or week < weeks - 1 else change(one),
            )


def test_where_nothing_changes_few_reports_alarm():
    reports = [by_week(world(np.random.default_rng(seed), 4), STRICT) for seed in range(40)]
    assert all(len(report.weeks[-1].changes) == 7 for report in reports)
    assert sum(bool(report.alarms) for report in reports) <= 2 + 3  # 5 % of 40, and two standard deviations


STRICT = DriftOptions(
    max_psi=0.0,
    max_unknown_words=0.0,
    max_refused=0.0,
    max_confidence=0.0,
    max_top1_drop=0.0,
    max_ece_rise=0.0,
)
"""Chance alone decides."""


@pytest.mark.parametrize(
    ("change", "figure"),
    [
        (lambda one: one._replace(device="glasses"), "device"),
        (lambda one: one._replace(unknown=2), "unknown_words"),
        (lambda one: one._replace(accepted=False), "refused"),
        (lambda one: one._replace(right=False, truth="y"), "top1"),
        (lambda one: one._replace(confidence=one.confidence / 2), "confidence"),
        (lambda one: one._replace(confidence=one.confidence / 2), "ece"),
    ],
)
def test_what_changed_alarms_and_is_named(change, figure):
    report = by_week(world(np.random.default_rng(0), 4, change=change), DriftOptions())
    assert figure in {found.figure for found in report.weeks[-1].alarms}
    assert all(not week.alarms for week in report.weeks[:-1])
    assert msgspec.json.decode(msgspec.json.encode(report), type=drift.Drift) == report


def test_a_small_week_is_compared_with_none():
    few = [(MONDAY, Seen(device="tv", customer=str(i))) for i in range(300)]
    late = [(MONDAY + timedelta(weeks=1), Seen(device="phone", customer=str(i))) for i in range(99)]
    assert by_week([*few, *late], DriftOptions()).alarms == ()
    one_customer = [
        (time + timedelta(weeks=1), one._replace(device="phone", customer="c")) for time, one in few
    ]
    assert by_week([*few, *one_customer], DriftOptions()).alarms == ()
    assert compare(tally([]).window(), tally([]).window(), DriftOptions()) == ()
    assert by_week([(None, Seen())], DriftOptions()).without_time == 1


def test_options_name_field_rule_and_value():
    with pytest.raises(ValueError, match="`false_alarms` must be in"):
        DriftOptions(false_alarms=0.0)
    with pytest.raises(ValueError, match="`max_psi` must not be negative"):
        DriftOptions(max_psi=-1.0)
    with pytest.raises(ValueError, match="`min_requests` must be at least 1"):
        DriftOptions(min_requests=0)
