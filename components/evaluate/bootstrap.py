"""Intervals by the bootstrap: how much a figure would move on other requests of the same kind."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from components.evaluate.judgement import ANSWERABLE, NO_SINGLE_SKILL, OUT_OF_SCOPE, Judgement
from components.evaluate.tally import TOP
from components.records import calibration

Floats = NDArray[np.float64]
_CHUNK = 4_000_000
_UNBOUNDED = ("semer", "semer_per_request")  # insertions can take them above 1
METHOD = (
    "95 % bootstrap over requests: the percentiles of the resampled figures, shifted so that their mean is "
    "the figure itself (resampling alone raises ECE and lowers macro F1)."
)


def intervals(
    judgements: Sequence[Judgement], *, resamples: int = 1000, seed: int = 0, level: float = 0.95
) -> dict[str, tuple[float, float]]:
    """The interval of each headline metric: requests drawn anew with replacement, `resamples` times.

    Answerable and out-of-scope requests are drawn on their own, so that no resample lacks either. The same
    draws serve every metric. Metrics that have nothing to be computed on are left out.

    Args:
        judgements: Of the whole set, in any fixed order.
        resamples: Draws; 0 gives no interval.
        seed: The same seed and judgements give the same intervals.
        level: Probability that the interval covers, in (0, 1).
    """
    if resamples == 0:
        return {}
    answerable = [judgement for judgement in judgements if judgement.kind == ANSWERABLE]
    refused = np.array([not j.accepted for j in judgements if j.kind == OUT_OF_SCOPE], dtype=np.float64)
    rng = np.random.default_rng(seed)
    samples: dict[str, Floats] = {}
    if answerable:
        samples |= _answerable_samples(answerable, resamples, rng)
    if len(refused):
        samples["oos_rejection"] = np.concatenate(
            [draws @ refused / len(refused) for draws in _draws(len(refused), resamples, rng)]
        )
    return {name: _interval(name, values, level) for name, values in samples.items()}


def _interval(name: str, values: Floats, level: float) -> tuple[float, float]:
    """From the figure itself, `values[0]`, and its resamples, `values[1:]`."""
    estimate, resampled = values[0], values[1:]
    tails = np.percentile(resampled, [50.0 * (1.0 - level), 50.0 * (1.0 + level)])
    least = -1.0 if name == "gain_over_popular" else 0.0
    most = np.inf if name in _UNBOUNDED else 1.0
    low, high = np.clip(estimate + tails - resampled.mean(), least, most)
    return float(low), float(high)


def _answerable_samples(
    answerable: Sequence[Judgement], resamples: int, rng: np.random.Generator
) -> dict[str, Floats]:
    rank = np.array([j.rank for j in answerable])  # [N]
    skill_rank = np.array([j.skill_rank for j in answerable])
    confidence = np.array([j.confidence for j in answerable])
    right = rank == 1
    popular = np.array([j.popular for j in answerable], dtype=np.float64)
    every = np.ones(len(rank))
    framed = np.array([j.frame is not None for j in answerable])
    errors = np.array([0 if j.frame is None else j.frame.errors for j in answerable])
    sizes = np.array([0 if j.frame is None else j.frame.size for j in answerable])
    ratios = {  # by name, what is summed over the requests, and what the sum is divided by
        **{f"top{k}": ((rank >= 1) & (rank <= k), every) for k in TOP},
        "skill_top1": (skill_rank == 1, skill_rank != NO_SINGLE_SKILL),
        "brier": ((confidence - right) ** 2, every),
        "popular_top1": (popular, every),
        "gain_over_popular": (right - popular, every),
        "false_refusals": (np.array([not j.accepted for j in answerable]), every),
        "semer": (errors, sizes),
        "semer_per_request": (errors / np.maximum(sizes, 1), framed),
        "irer": (errors > 0, framed),
    }
    ratios = {name: pair for name, pair in ratios.items() if pair[1].any()}
    above, below = (
        np.column_stack([pair[i].astype(np.float64) for pair in ratios.values()]) for i in (0, 1)
    )  # [N, M] each
    bin_of = calibration.equal_width(confidence)
    gaps = np.zeros((len(rank), calibration.BINS))
    gaps[np.arange(len(rank)), bin_of] = right - confidence  # [N, bins]
    classes = _Classes(answerable)
    parts: dict[str, list[Floats]] = {name: [] for name in (*ratios, "ece", "macro_f1")}
    for draws in _draws(len(rank), resamples, rng):
        shares = (draws @ above) / np.maximum(draws @ below, 1.0)  # [R', M]
        for i, name in enumerate(ratios):
            parts[name].append(shares[:, i])
        parts["ece"].append(np.abs(draws @ gaps).sum(axis=1) / len(rank))
        parts["macro_f1"].append(np.array([classes.macro_f1(draw) for draw in draws]))
    return {name: np.concatenate(values) for name, values in parts.items()}


class _Classes:
    """The classes of N requests as indices, for macro F1 under any weights of the requests."""

    def __init__(self, judgements: Sequence[Judgement]) -> None:
        names = sorted({j.truth for j in judgements} | {j.predicted for j in judgements})
        index = {name: i for i, name in enumerate(names)}
        self._size = len(names)
        self._right = np.array([j.right for j in judgements], dtype=np.float64)
        self._answered = np.array([bool(j.predicted) for j in judgements], dtype=np.float64)
        self._truth = np.array([index[j.truth] for j in judgements])
        self._predicted = np.array([index[j.predicted] for j in judgements])

    def macro_f1(self, weights: Floats) -> float:
        hits = np.bincount(self._truth, weights * self._right, self._size)  # [C]
        total = np.bincount(self._truth, weights, self._size)
        total += np.bincount(self._predicted, weights * self._answered, self._size)
        occurs = total > 0
        return float((2.0 * hits[occurs] / total[occurs]).mean())


def _draws(size: int, resamples: int, rng: np.random.Generator) -> Iterator[Floats]:
    """How often each of `size` requests is drawn, [R', size] a chunk: once each, then `resamples` draws."""
    yield np.ones((1, size))
    rows = max(1, _CHUNK // size)
    for start in range(0, resamples, rows):
        picks = rng.integers(size, size=(min(rows, resamples - start), size))  # [R', size]
        yield np.stack([np.bincount(pick, minlength=size) for pick in picks]).astype(np.float64)
