"""From predictions over weeks to `drift.json` and its section of the page."""

from datetime import UTC, datetime, timedelta

import msgspec
import pytest

from components.evaluate.drift import drift_of, read_drift, write_drift
from components.evaluate.evaluation import Evaluation
from components.evaluate.judgement import judge
from components.evaluate.options import Thresholds
from components.evaluate.review.charts.weeks import Place, weeks_chart
from components.evaluate.review.found import Found
from components.evaluate.review.page import render
from components.evaluate.review.sections import drift as section
from components.evaluate.verdict import decide
from components.records.drift import Drift, DriftOptions
from tests.evaluate.world import HOSTILE, world

MONDAY = datetime(2026, 11, 2, tzinfo=UTC)


def weeks(count, size=211, last_device=HOSTILE):
    """The same made world in each week; in the last one everybody speaks to another device."""
    for week in range(count):
        for i, (labelled, answer) in enumerate(world(size, skill=0.7, seed=week)):
            request = msgspec.structs.replace(
                labelled.request,
                timestamp=MONDAY + timedelta(weeks=week, minutes=i),
                device=last_device if week == count - 1 else labelled.request.device,
            )
            yield msgspec.structs.replace(labelled, request=request), answer


def judged(count):
    return ((known, answer, judge(known, answer)) for known, answer in weeks(count))


def found(drift):
    evaluation = Evaluation(split="test", slices={})
    return Found(evaluation=evaluation, verdict=decide(evaluation, Thresholds()), drift=drift)


@pytest.fixture(scope="module")
def drift():
    return drift_of(judged(4), {"please play number"}, DriftOptions())


def test_weeks_are_told_apart_and_the_change_is_named(drift, tmp_path):
    assert [week.start.isoformat() for week in drift.weeks] == [
        *("2026-11-02", "2026-11-09", "2026-11-16", "2026-11-23")
    ]
    assert {change.figure for _, change in drift.alarms} == {"device"}
    window = drift.weeks[0].window
    assert window.requests == 211
    answerable = [pair for pair in weeks(1) if pair[0].request.correct_skills]
    assert 0 < window.labelled <= len(answerable)
    said = [word for labelled, _ in weeks(1) for word in labelled.label.text.split()]
    assert 0.0 < window.figures["unknown_words"].value < 1.0 - 2 * 211 / (len(said) + 211)
    write_drift(tmp_path, drift)
    assert read_drift(tmp_path) == drift


def test_without_train_there_are_no_unknown_words():
    assert "unknown_words" not in drift_of(judged(1), None, DriftOptions()).weeks[0].window.figures


def test_the_page_shows_the_alarm_escaped(drift):
    page = render(found(drift))
    assert "1 alarm:" in page
    assert "week of 2026-11-23: mix of device: population stability index" in page
    assert HOSTILE not in page
    assert page.count("by week") >= 9


def test_one_week_is_no_section(drift):
    assert section.section(found(Drift(weeks=drift.weeks[:1]))) is None


@pytest.mark.parametrize("values", [(1.0, 1.0), (None, 0.0), (1e-300, 1e37), (-1.0, None)])
def test_a_chart_of_any_values_is_drawn(values):
    drawn = weeks_chart("n", [Place(f"w{i}", value) for i, value in enumerate(values)], limit=0.2)
    assert "nan" not in drawn
    assert drawn.count("<circle") == sum(value is not None for value in values)
