"""Thresholds held against figures: every check has a reason, passed or not."""

from collections.abc import Iterator

from components.evaluate.evaluation import Evaluation
from components.evaluate.options import Thresholds
from components.evaluate.slices import ALL, NOT_ADDED, split_name
from components.records.verdict import Check

_WORDS = {
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
    popular = _figure(overall.get("popular_top1"))
    yield from _at_least(
        "min_gain_over_popular",
        evaluation,
        ALL,
        "gain_over_popular",
        limits.min_gain_over_popular,
        note=f" (the most popular skill alone reaches {popular})",
    )
    yield from _at_least("min_top1", evaluation, ALL, "top1", limits.min_top1)
    if limits.max_ece is not None:
        floor = overall.get("ece_floor", 0.0)
        note = f", that is {limits.max_ece:g} and the {floor:.4f} that chance gives on {count:.0f} requests"
        yield from _at_most("max_ece", evaluation, ALL, "ece", limits.max_ece + floor, note=note)
    yield from _at_most("max_false_refusals", evaluation, ALL, "false_refusals", limits.max_false_refusals)
    yield from _at_least("min_oos_rejection", evaluation, ALL, "oos_rejection", limits.min_oos_rejection)
    for name in _domains(evaluation, limits):
        yield from _at_least("min_domain_top1", evaluation, name, "top1", limits.min_domain_top1)


def changes(evaluation: Evaluation, limits: Thresholds, baseline: Evaluation) -> Iterator[Check]:
    def before(name: str, metric: str) -> float | None:
        return baseline.slices.get(name, {}).get(metric)

    kept = NOT_ADDED if NOT_ADDED in evaluation.slices else ALL
    top1, ece = before(ALL, "top1"), before(ALL, "ece")
    if limits.max_top1_drop is not None and top1 is not None:
        note = f", that is {limits.max_top1_drop:g} below the baseline's {top1:.4f}"
        yield from _at_least(
            "max_top1_drop", evaluation, kept, "top1", top1 - limits.max_top1_drop, note=note
        )
    if limits.max_ece_rise is not None and ece is not None:
        note = f", that is {limits.max_ece_rise:g} above the baseline's {ece:.4f}"
        yield from _at_most("max_ece_rise", evaluation, kept, "ece", ece + limits.max_ece_rise, note=note)
    yield from _irer_rise("max_irer_rise", evaluation, kept, before(ALL, "irer"), limits.max_irer_rise)
    if kept != ALL:  # a domain's figure has the added skills in it
        return
    in_baseline = set(_domains(baseline, limits))
    for name in _domains(evaluation, limits):
        if name not in in_baseline:
            continue
        top1 = before(name, "top1")
        if limits.max_domain_top1_drop is not None and top1 is not None:
            least = top1 - limits.max_domain_top1_drop
            note = f", that is {limits.max_domain_top1_drop:g} below the baseline's {top1:.4f}"
            yield from _at_least("max_domain_top1_drop", evaluation, name, "top1", least, note=note)
        limit = limits.max_domain_irer_rise
        yield from _irer_rise("max_domain_irer_rise", evaluation, name, before(name, "irer"), limit)


def _irer_rise(
    check: str, evaluation: Evaluation, slice_: str, before: float | None, limit: float | None
) -> Iterator[Check]:
    if limit is not None and before is not None:
        note = f", that is {limit:g} above the baseline's {before:.4f}"
        yield from _at_most(check, evaluation, slice_, "irer", before + limit, note=note)


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
        reason=f"{_WORDS[metric]}{where} {what}; {needed}",
    )


def _domains(evaluation: Evaluation, limits: Thresholds) -> list[str]:
    """The domain slices that are large enough to check."""
    return [
        name
        for name, metrics in evaluation.slices.items()
        if split_name(name).keys() == {"domain"} and metrics.get("answerable", 0) >= limits.min_slice_requests
    ]


def _figure(value: float | None) -> str:
    return "nothing" if value is None else f"{value:.4f}"
