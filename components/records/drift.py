"""Drift: whether a window of requests differs from a reference by more than chance and more than matters.

A figure alarms where its change is above a limit that a person sets (what matters) *and* above what chance
alone exceeds with a stated, small probability (so that a week of few requests alarms nobody). Between all the
comparisons of a report that probability is divided, so that where nothing has changed at most `false_alarms`
of all reports hold an alarm.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime, timedelta

import msgspec
import numpy as np
from scipy.special import chdtri, stdtrit

from components.records.drift_window import Figure, Mix, Seen, Tally, Window

PSI = "population stability index"
_LEAST_EXPECTED = 5
_OTHER = "(other)"


class DriftOptions(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """When a change is worth an alarm. None: never.

    Attributes:
        max_psi: Population stability index of the mix of devices, locales or domains. By custom less than
            0.1 is nothing, above 0.2 to 0.25 a change to act on.
        max_unknown_words: Rise of the share of words that training never showed.
        max_refused: Change of the share of refusals, either way.
        max_confidence: Change of the mean confidence, either way.
        max_top1_drop: Drop of top-1.
        max_ece_rise: Rise of the ECE, both without what chance adds to it.
        reference_weeks: A week is compared with so many before it, added up.
        min_requests, min_customers: A window with fewer (of labelled requests: for top-1 and ECE) is compared
            with none. A request without a customer counts as one.
        false_alarms: Chance that a report holds any alarm where nothing has changed.
    """

    max_psi: float | None = 0.2
    max_unknown_words: float | None = 0.02
    max_refused: float | None = 0.05
    max_confidence: float | None = 0.05
    max_top1_drop: float | None = 0.05
    max_ece_rise: float | None = 0.03
    reference_weeks: int = 4
    min_requests: int = 100
    min_customers: int = 30
    false_alarms: float = 0.05

    def __post_init__(self) -> None:
        for name in ("reference_weeks", "min_requests", "min_customers"):
            if getattr(self, name) < 1:
                raise ValueError(f"`{name}` must be at least 1. Received: {getattr(self, name)}")
        if not 0.0 < self.false_alarms < 1.0:
            raise ValueError(f"`false_alarms` must be in (0, 1). Received: {self.false_alarms}")
        for name in self.__struct_fields__:
            if name.startswith("max_") and (limit := getattr(self, name)) is not None and limit < 0.0:
                raise ValueError(f"`{name}` must not be negative. Received: {limit}")


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One comparison of a window with the reference.

    Attributes:
        figure: A figure of the window, or the feature whose mix it is.
        before, after: Of the reference and of the window; None for a mix.
        change: after − before, or the population stability index.
        limit: What matters.
        chance: What chance alone stays below, but for the report's share of false alarms.
        alarm: Whether the change is above both.
        words: The same for people.
    """

    figure: str
    before: float | None = None
    after: float | None = None
    change: float
    limit: float
    chance: float
    alarm: bool
    words: str


class Week(msgspec.Struct, frozen=True, kw_only=True):
    """A window and how it differs from those before it.

    Attributes:
        start: Its Monday.
        window: What was seen.
        changes: None in the first week, or where it or the reference is too small.
    """

    start: date
    window: Window
    changes: tuple[Change, ...] = ()

    @property
    def alarms(self) -> tuple[Change, ...]:
        return tuple(change for change in self.changes if change.alarm)


class Drift(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `drift.json`.

    Attributes:
        weeks: In order; weeks without a request are left out.
        without_time: Requests that say no time, and are in no week.
        options: What was asked for.
    """

    weeks: tuple[Week, ...]
    without_time: int = 0
    options: DriftOptions = DriftOptions()

    @property
    def alarms(self) -> tuple[tuple[date, Change], ...]:
        return tuple((week.start, change) for week in self.weeks for change in week.alarms)


def week_of(time: datetime) -> date:
    """The Monday (UTC) of its week.

    >>> week_of(datetime(2026, 11, 22, 23, 59, tzinfo=UTC))
    datetime.date(2026, 11, 16)
    """
    day = time.astimezone(UTC).date()
    return day - timedelta(days=day.weekday())


def by_week(requests: Iterable[tuple[datetime | None, Seen]], options: DriftOptions) -> Drift:
    """Every week of the requests, in any order, each against the `reference_weeks` before it."""
    tallies: dict[date, Tally] = {}
    without_time = 0
    for time, seen in requests:
        if time is None:
            without_time += 1
        else:
            tallies.setdefault(week_of(time), Tally()).add(seen)
    starts = sorted(tallies)
    windows = [tallies[start].window() for start in starts]
    references = [
        _reference(tallies, starts[max(0, i - options.reference_weeks) : i]) for i in range(len(starts))
    ]
    comparisons = sum(
        len(compare(window, reference, options))
        for window, reference in zip(windows, references, strict=True)
        if reference is not None
    )
    weeks = tuple(
        Week(
            start=start,
            window=window,
            changes=() if reference is None else compare(window, reference, options, among=comparisons),
        )
        for start, window, reference in zip(starts, windows, references, strict=True)
    )
    return Drift(weeks=weeks, without_time=without_time, options=options)


def compare(
    window: Window, reference: Window, options: DriftOptions, *, among: int | None = None
) -> tuple[Change, ...]:
    """Every comparison that the two windows are large enough for.

    Args:
        among: Comparisons of the whole report, which share its chance of a false alarm; None: these alone.
    """
    least = min(window.customers, reference.customers)
    if min(window.requests, reference.requests) < options.min_requests or least < options.min_customers:
        return ()
    limits = {
        "refused": (options.max_refused, 0),
        "confidence": (options.max_confidence, 0),
        "unknown_words": (options.max_unknown_words, 1),
    }
    if min(window.labelled, reference.labelled) >= options.min_requests:
        limits |= {"top1": (options.max_top1_drop, -1), "ece": (options.max_ece_rise, 1)}
    figures = [
        (name, window.figures[name], reference.figures[name], limit, way)
        for name, (limit, way) in limits.items()
        if limit is not None and name in window.figures and name in reference.figures
    ]
    mixes = [] if options.max_psi is None else sorted(window.mixes.keys() & reference.mixes.keys())
    level = options.false_alarms / (among or max(len(figures) + len(mixes), 1))
    changes = [
        _of_mix(feature, window.mixes[feature], reference.mixes[feature], options.max_psi or 0.0, level)
        for feature in mixes
    ]
    changes += [
        _of_figure(
            name,
            after,
            before,
            limit,
            way,
            quantile=float(stdtrit(least - 1, 1.0 - level / (2 if way == 0 else 1))),
        )
        for name, after, before, limit, way in figures
    ]
    return tuple(changes)


def population_stability(after: Mapping[str, int], before: Mapping[str, int]) -> tuple[float, int]:
    """The population stability index Σ_k (q_k − p_k) · ln(q_k / p_k), and the number of its values.

    Values that fewer than five requests of either side would be expected to have count as one; half a request
    is added to each, so that a value that only one side has counts with a finite weight.

    >>> population_stability({"tv": 50, "phone": 50}, {"tv": 100, "phone": 100})
    (0.0, 2)
    """
    total_after, total_before = sum(after.values()), sum(before.values())
    smaller = min(total_after, total_before) / max(total_after + total_before, 1)
    pooled: dict[str, list[float]] = {}
    for value in sorted({*after, *before}):
        pair = (after.get(value, 0), before.get(value, 0))
        name = value if sum(pair) * smaller >= _LEAST_EXPECTED else _OTHER
        row = pooled.setdefault(name, [0.5, 0.5])
        row[0] += pair[0]
        row[1] += pair[1]
    table = np.array(list(pooled.values())).reshape(-1, 2)  # [K, 2]
    shares = table / table.sum(axis=0)
    q, p = shares.T
    return float(((q - p) * np.log(q / p)).sum()), len(table)


def _reference(tallies: Mapping[date, Tally], starts: Sequence[date]) -> Window | None:
    if not starts:
        return None
    total = Tally()
    for start in starts:
        total += tallies[start]
    return total.window()


def _of_mix(feature: str, after: Mix, before: Mix, limit: float, level: float) -> Change:
    """Where nothing changed the index is about (1/n + 1/m) · χ² with K − 1 degrees of freedom (Yurdakul,
    Statistical properties of population stability index, 2018)."""
    index, values = population_stability(after.counts, before.counts)
    chance = 0.0
    if values > 1:
        chance = (1.0 / after.effective + 1.0 / before.effective) * float(chdtri(values - 1, level))
    moved = _largest_move(after.shares, before.shares)
    alarm = index > max(limit, chance)
    return Change(
        figure=feature,
        change=index,
        limit=limit,
        chance=chance,
        alarm=alarm,
        words=f"mix of {feature}: {PSI} {index:.3f} ({moved})"
        if alarm
        else f"mix of {feature}: {PSI} {index:.3f}",
    )


def _largest_move(after: Mapping[str, float], before: Mapping[str, float]) -> str:
    value = max(sorted({*after, *before}), key=lambda one: abs(after.get(one, 0.0) - before.get(one, 0.0)))
    return f"{value} {before.get(value, 0.0):.1%} → {after.get(value, 0.0):.1%}"


def _of_figure(
    name: str, after: Figure, before: Figure, limit: float, way: int, *, quantile: float
) -> Change:
    change = (after.value - after.floor) - (before.value - before.floor)
    chance = quantile * ((after.error or 0.0) ** 2 + (before.error or 0.0) ** 2) ** 0.5
    size = abs(change) if way == 0 else way * change
    return Change(
        figure=name,
        before=before.value,
        after=after.value,
        change=change,
        limit=limit,
        chance=chance,
        alarm=size > max(limit, chance),
        words=f"{name} {before.value:.3f} → {after.value:.3f}",
    )
