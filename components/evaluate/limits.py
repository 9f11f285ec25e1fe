"""Limits that a caller sets on single metrics: `top1=0.9`."""

from collections.abc import Iterable, Mapping

from components.evaluate.metrics import LOWER_IS_BETTER, meanings


def read_limits(texts: Iterable[str]) -> dict[str, float]:
    """Limits by metric.

    >>> read_limits(["top1=0.9", "ece=0.05"])
    {'top1': 0.9, 'ece': 0.05}

    Raises:
        ValueError: A text is not `metric=value`, its value is no number, or there is no such metric.
    """
    known = meanings()
    limits = {}
    for text in texts:
        metric, _, value = text.partition("=")
        if metric.strip() not in known:
            raise ValueError(f"there is no metric {metric.strip()!r}. Known: {', '.join(known)}")
        try:
            limits[metric.strip()] = float(value)
        except ValueError:
            raise ValueError(f"a limit must be metric=number. Received: {text!r}") from None
    return limits


def broken(limits: Mapping[str, float], metrics: Mapping[str, float]) -> list[str]:
    """Why limits do not hold, in words; empty where all do.

    A metric must not be worse than its limit: below it, or above it where less is better. One that could not
    be measured breaks its limit.
    """
    return [words for metric, limit in limits.items() if (words := _broken(metric, limit, metrics))]


def _broken(metric: str, limit: float, metrics: Mapping[str, float]) -> str:
    value = metrics.get(metric)
    rule = "at most" if metric in LOWER_IS_BETTER else "at least"
    if value is None:
        return f"{metric} could not be measured; {rule} {limit:g} is asked for"
    holds = value <= limit if metric in LOWER_IS_BETTER else value >= limit
    return "" if holds else f"{metric} is {value:.4f}; {rule} {limit:g} is asked for"
