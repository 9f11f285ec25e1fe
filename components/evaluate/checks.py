"""Thresholds held against the figures of one system: every check has a reason, passed or not."""

from collections.abc import Iterator

import msgspec

from components.evaluate.chance import Chance, at_once, deviation_of
from components.evaluate.evaluation import Evaluation
from components.evaluate.options import Thresholds
from components.evaluate.slices import ALL, split_name
from components.records.verdict import Check

WORDS = {
    "top1": "top-1 accuracy",
    "gain_over_popular": "top-1 accuracy above the most popular enabled skill's",
    "ece": "calibration error (ECE)",
    "false_refusals": "the share of answerable requests that were refused",
    "oos_rejection": "the share of out-of-scope requests that were refused",
    "irer": "the share of annotated requests with an error in skill, intent or slots (IRER)",
}


def absolute(evaluation: Evaluation, limits: Thresholds) -> Iterator[Check]:
    overall = evaluation.overall
    count = overall.get("answerable", 0)
    yield Check(
        name="min_answerable",
        slice=ALL,
        metric="answerable",
        value=count,
        threshold=limits.min_answerable,
        passed=count >= limits.min_answerable,
        reason=f"{count:.0f} {evaluation.split} requests have a known answer; "
        f"at least {limits.min_answerable} are needed",
    )
    popular = overall.get("popular_top1")
    yield from _at_least(
        "min_gain_over_popular",
        evaluation,
        ALL,
        "gain_over_popular",
        limits.min_gain_over_popular,
        note=f" (the most popular skill alone reaches {'nothing' if popular is None else f'{popular:.4f}'})",
    )
    yield from _at_least("min_top1", evaluation, ALL, "top1", limits.min_top1)
    if limits.max_ece is not None:
        floor = overall.get("ece_floor", 0.0)
        note = f", that is {limits.max_ece:g} and the {floor:.4f} that chance gives on {count:.0f} requests"
        yield from _at_most("max_ece", evaluation, ALL, "ece", limits.max_ece + floor, note=note)
    yield from _at_most("max_false_refusals", evaluation, ALL, "false_refusals", limits.max_false_refusals)
    yield from _at_least("min_oos_rejection", evaluation, ALL, "oos_rejection", limits.min_oos_rejection)
    if limits.min_domain_top1 is not None:
        names = large_domains(evaluation, limits)
        chance = at_once(len(names), limits.false_alarms)
        for name in names:
            interval = evaluation.intervals.get(name, {}).get("top1")
            yield _domain_check(evaluation, name, limits.min_domain_top1, interval, chance)


def _at_least(
    name: str, evaluation: Evaluation, slice_: str, metric: str, threshold: float | None, note: str = ""
) -> Iterator[Check]:
    if threshold is not None:
        value = evaluation.slices.get(slice_, {}).get(metric)
        passed = value is not None and value >= threshold
        yield _check(name, slice_, metric, value, threshold, passed, "at least", note)


def _at_most(
    name: str, evaluation: Evaluation, slice_: str, metric: str, threshold: float | None, note: str = ""
) -> Iterator[Check]:
    if threshold is not None:
        value = evaluation.slices.get(slice_, {}).get(metric)
        passed = value is not None and value <= threshold
        yield _check(name, slice_, metric, value, threshold, passed, "at most", note)


def _check(
    name: str,
    slice_: str,
    metric: str,
    value: float | None,
    threshold: float,
    passed: bool,
    rule: str,
    note: str,
) -> Check:
    where = "" if slice_ == ALL else f" on {slice_}"
    needed = f"{rule} {threshold:.4f} is needed{note}"
    what = "could not be computed" if value is None else f"is {value:.4f}"
    return Check(
        name=name,
        slice=slice_,
        metric=metric,
        value=value,
        threshold=threshold,
        passed=passed,
        reason=f"{WORDS[metric]}{where} {what}; {needed}",
    )


def _domain_check(
    evaluation: Evaluation, slice_: str, least: float, interval: tuple[float, float] | None, chance: Chance
) -> Check:
    """A small slice's figure may miss the threshold by chance: it fails where it misses it by more."""
    [check] = _at_least("min_domain_top1", evaluation, slice_, "top1", least)
    if interval is None or check.value is None:
        return check
    requests = evaluation.slices[slice_].get("answerable", 0)
    value, room = check.value, chance.room(deviation_of(interval), requests)
    check = msgspec.structs.replace(check, low=value - room, high=value + room)
    if check.passed:
        return check
    passed = value + room >= least
    words = f"{check.reason}; {chance.words(room, explains=passed)}"
    return msgspec.structs.replace(check, passed=passed, reason=words)


def large_domains(evaluation: Evaluation, limits: Thresholds) -> list[str]:
    """The domain slices that are large enough to check."""
    return [
        name
        for name, metrics in evaluation.slices.items()
        if split_name(name).keys() == {"domain"} and metrics.get("answerable", 0) >= limits.min_slice_requests
    ]
