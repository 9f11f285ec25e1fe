"""The measured requests week by week, and the weeks that differ from those before by more than chance."""

from collections.abc import Callable
from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.review.charts.weeks import Place, weeks_chart
from components.evaluate.review.found import Found
from components.records.drift import PSI, DriftOptions, Week
from components.records.drift_window import FEATURES

_MOST_WEEKS = 26
_FIGURES = {
    "unknown_words": ("unknown words", "share of the words that no train request has"),
    "refused": ("refused", "share of the requests that were refused"),
    "confidence": ("confidence", "mean confidence of the best hypothesis"),
    "top1": ("top1", "share with a right answer, of those where one is known"),
    "macro_f1": ("macro F1", "over the skills of the week"),
    "ece": ("ECE", "expected calibration error; alarms leave out what chance adds to it"),
}
_MIXES = {feature: (f"mix of {feature}s", f"{PSI} of the {feature}s") for feature in FEATURES}


class Row(NamedTuple):
    """One week: `figures` by the columns, None where there is none; `alarms` in words."""

    week: str
    requests: int
    labelled: int
    figures: tuple[float | None, ...]
    alarms: tuple[str, ...]


class Shown(NamedTuple):
    """`columns`: name and meaning; `left_out`: earlier weeks that are in `drift.json` alone."""

    charts: tuple[Markup, ...]
    columns: tuple[tuple[str, str], ...]
    rows: tuple[Row, ...]
    alarms: tuple[tuple[str, str], ...]
    options: DriftOptions
    left_out: int
    without_time: int


def section(found: Found) -> Shown | None:
    """Nothing where the requests are of fewer than two weeks."""
    drift = found.drift
    if len(drift.weeks) < 2:
        return None
    weeks = drift.weeks[-_MOST_WEEKS:]
    readers: dict[str, Callable[[Week], float | None]] = {
        **{name: _figure_of(name) for name in _FIGURES if any(name in w.window.figures for w in weeks)},
        **{name: _index_of(name) for name in FEATURES if any(name in w.window.mixes for w in weeks)},
    }
    charts = [weeks_chart("requests", [Place(_day(w), w.window.requests) for w in weeks])]
    for name, read in readers.items():
        places = [Place(_day(w), read(w), any(c.figure == name for c in w.alarms)) for w in weeks]
        if any(place.value is not None for place in places):
            limit = drift.options.max_psi if name in _MIXES else None
            charts.append(weeks_chart(_meaning(name)[0], places, limit=limit))
    return Shown(
        charts=tuple(charts),
        columns=tuple(_meaning(name) for name in readers),
        rows=tuple(
            Row(
                _day(w),
                w.window.requests,
                w.window.labelled,
                tuple(read(w) for read in readers.values()),
                tuple(change.words for change in w.alarms),
            )
            for w in weeks
        ),
        alarms=tuple((start.isoformat(), change.words) for start, change in drift.alarms),
        options=drift.options,
        left_out=len(drift.weeks) - len(weeks),
        without_time=drift.without_time,
    )


def _meaning(name: str) -> tuple[str, str]:
    return _FIGURES.get(name) or _MIXES[name]


def _day(week: Week) -> str:
    return week.start.isoformat()


def _figure_of(name: str) -> Callable[[Week], float | None]:
    def read(week: Week) -> float | None:
        figure = week.window.figures.get(name)
        return None if figure is None else figure.value

    return read


def _index_of(name: str) -> Callable[[Week], float | None]:
    return lambda week: next((change.change for change in week.changes if change.figure == name), None)
