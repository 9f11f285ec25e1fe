"""Thresholds held against the change from the system in service, request by request."""

from collections.abc import Iterator
from typing import NamedTuple

from components.evaluate.chance import Chance, at_once
from components.evaluate.checks import WORDS, large_domains
from components.evaluate.evaluation import Evaluation
from components.evaluate.options import Thresholds
from components.evaluate.slices import ALL, NOT_ADDED, cross_name, split_name
from components.records.verdict import Check

_WORSE = {"top1": -1.0, "ece": 1.0, "irer": 1.0}
"""The sign of a change for the worse."""
_ROUNDING = 1e-9


class _Change(NamedTuple):
    """A figure before and after.

    Attributes:
        limit: How much worse it may be.
        deviation: The standard error of the change; None where it is not known.
        requests: That have an answer to be right or wrong about.
    """

    name: str
    slice: str
    metric: str
    limit: float
    before: float
    after: float | None
    deviation: float | None
    requests: float


def changes(evaluation: Evaluation, limits: Thresholds, baseline: Evaluation) -> list[Check]:
    """A change for the worse fails where it is above its limit and chance does not explain it.

    All are looked at together: see `chance`. Without an interval a change fails above its limit.
    """
    found = [*_changes(evaluation, limits, baseline)]
    chance = at_once(sum(change.deviation is not None for change in found), limits.false_alarms)
    return [_check(change, chance) for change in found]


def _changes(evaluation: Evaluation, limits: Thresholds, baseline: Evaluation) -> Iterator[_Change]:
    def change(name: str, slice_: str, metric: str, limit: float | None, was: str) -> Iterator[_Change]:
        paired = evaluation.differences.get(slice_, {}).get(metric)
        before = baseline.slices.get(was, {}).get(metric) if paired is None else paired.before
        if limit is None or before is None:
            return
        after = evaluation.slices.get(slice_, {}).get(metric) if paired is None else paired.after
        deviation = None if paired is None else paired.deviation
        requests = evaluation.slices.get(slice_, {}).get("answerable", 0)
        yield _Change(name, slice_, metric, limit, before, after, deviation, requests)

    kept = NOT_ADDED if NOT_ADDED in evaluation.slices else ALL
    yield from change("max_top1_drop", kept, "top1", limits.max_top1_drop, ALL)
    yield from change("max_ece_rise", kept, "ece", limits.max_ece_rise, ALL)
    yield from change("max_irer_rise", kept, "irer", limits.max_irer_rise, ALL)
    in_baseline = {*large_domains(baseline, limits)}
    for name in large_domains(evaluation, limits):
        if name not in in_baseline:
            continue
        held = name
        if kept != ALL:  # a domain's own figure has the added skills in it
            held = cross_name({**split_name(name), **split_name(NOT_ADDED)})
            if held not in evaluation.differences:
                continue
        yield from change("max_domain_top1_drop", held, "top1", limits.max_domain_top1_drop, name)
        yield from change("max_domain_irer_rise", held, "irer", limits.max_domain_irer_rise, name)


def _check(change: _Change, chance: Chance) -> Check:
    sign = _WORSE[change.metric]
    passed, low, high = False, None, None
    where = "" if change.slice == ALL else f" on {change.slice}"
    words = f"{WORDS[change.metric]}{where} could not be computed; it was {change.before:.4f}"
    if change.after is not None:
        difference = change.after - change.before
        passed = within = sign * difference <= change.limit + _ROUNDING
        words = (
            f"{WORDS[change.metric]}{where} {'rose' if difference > 0 else 'fell'} by {abs(difference):.4f}, "
            f"from {change.before:.4f} to {change.after:.4f}"
            if difference
            else f"{WORDS[change.metric]}{where} is {change.after:.4f} as before"
        )
        words += f"; a {'fall' if sign < 0 else 'rise'} of {change.limit:g} is allowed"
        if change.deviation is not None:
            room = chance.room(change.deviation, change.requests)
            low, high = difference - room, difference + room
            if not within:
                passed = sign * difference <= room
                words += f", {chance.words(room, explains=passed)}"
    return Check(
        name=change.name,
        slice=change.slice,
        metric=change.metric,
        value=change.after,
        threshold=change.before + sign * change.limit,
        passed=passed,
        reason=words,
        low=low,
        high=high,
    )
