"""The figures of a slice under weights of its requests: what the bootstrap resamples."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from components.evaluate import selection
from components.evaluate.judgement import ANSWERABLE, NO_SINGLE_SKILL, OUT_OF_SCOPE
from components.evaluate.slicing import Rows
from components.evaluate.table import NONE, Table
from components.evaluate.tally import PRECISIONS, TOP, coverage_name
from components.records import calibration

Weights = NDArray[np.floating]
_CHUNK = 8_000_000
_LEVELS = 1 << 16


def draws(size: int, resamples: int, seed: int) -> Iterator[Weights]:
    """How often each of `size` requests is drawn, [size, R'] a chunk: once each, then `resamples` times.

    A request is drawn Poisson(1) times, independently of the others: the bootstrap for data of any size
    (Chamandy et al., 2012, https://research.google/pubs/estimating-uncertainty-for-massive-data-streams/).
    A request so has the same weight in every slice, and in two systems that are compared.
    """
    yield np.ones((size, 1))
    rng = np.random.default_rng(seed)
    columns = max(1, _CHUNK // max(size, 1))
    for start in range(0, resamples, columns):
        shape = (size, min(columns, resamples - start))
        yield _POISSON[rng.integers(_LEVELS, size=shape, dtype=np.uint16)]


def _poisson() -> NDArray[np.float32]:
    """Poisson(1) by the inverse of its distribution function, at the midpoints of 2¹⁶ levels."""
    chance, counts = np.exp(-1.0), np.arange(1, 12)
    distribution = chance * np.cumsum(np.concatenate([[1.0], 1.0 / np.cumprod(counts)]))
    return np.searchsorted(distribution, (np.arange(_LEVELS) + 0.5) / _LEVELS).astype(np.float32)


_POISSON = _poisson()


class Resampler:
    """The headline figures of any rows of a table under any weights.

    Args:
        table: Of N requests.
        precisions: Those that coverage is measured at.
    """

    def __init__(self, table: Table, precisions: Sequence[float] = PRECISIONS) -> None:
        known: NDArray[np.bool_] = table.kind == ANSWERABLE
        scope = table.kind == OUT_OF_SCOPE
        right: NDArray[np.bool_] = known & (table.rank == 1)
        single = known & (table.skill_rank != NO_SINGLE_SKILL)
        errors, sizes = known * table.frame[:, 0], known * table.frame[:, 1]
        framed = sizes > 0
        ratios = {  # by name, what is summed over the requests, and what the sum is divided by
            **{f"top{k}": (known & (table.rank >= 1) & (table.rank <= k), known) for k in TOP},
            "mrr": (known * _inverse(table.rank), known),
            "skill_top1": (single & (table.skill_rank == 1), single),
            "brier": (known * (table.confidence - right) ** 2, known),
            "nll": (known * calibration.log_losses(table.confidence, right), known),
            "popular_top1": (known & table.popular, known),
            "gain_over_popular": (right * 1.0 - (known & table.popular), known),
            "false_refusals": (known & ~table.accepted, known),
            "oos_rejection": (scope & ~table.accepted, scope),
            "false_accepts": (scope & table.accepted, scope),
            "semer": (errors, sizes),
            "semer_per_request": (errors / np.maximum(sizes, 1), framed),
            "irer": (errors > 0, framed),
        }
        gaps = np.zeros((table.size, calibration.BINS))  # right less confidence, by bin
        bins = calibration.equal_width(table.confidence)
        gaps[np.arange(table.size), bins] = known * (right - table.confidence)
        above, below = zip(*ratios.values(), strict=True)
        self._names = tuple(ratios)
        self._summed = np.column_stack([*above, *below, gaps]).astype(np.float64)  # [N, 2 M + bins]
        self._known, self._scope, self._right = known, scope, right
        self._confidence, self._precisions = table.confidence, precisions
        both = table.truth.names + table.predicted.names
        index = {name: code for code, name in enumerate(dict.fromkeys(both))}
        self._truth = _recoded(table.truth.codes, [index[name] for name in table.truth.names])
        self._predicted = _recoded(table.predicted.codes, [index[name] for name in table.predicted.names])

    def __call__(self, rows: Rows, weights: Weights) -> dict[str, NDArray[np.float64]]:
        """Each figure that the rows have something for, float [R].

        Args:
            rows: Of n requests.
            weights: Theirs, [n, R]. Where all that a figure rests on has weight 0, the figure is NaN.
        """
        summed = self._summed[rows]
        metrics = len(self._names)
        held = summed[:, metrics : 2 * metrics].max(axis=0, initial=0.0) > 0.0
        sums = (summed.astype(weights.dtype).T @ weights).astype(np.float64)  # [2 M + bins, R]
        above, below, gaps = np.split(sums, [metrics, 2 * metrics])
        with np.errstate(invalid="ignore", divide="ignore"):
            result = {name: above[i] / below[i] for i, name in enumerate(self._names) if held[i]}
            if "top1" in result:
                answerable = below[self._names.index("top1")]
                result["ece"] = np.abs(gaps).sum(axis=0) / answerable
                result["macro_f1"] = self._macro_f1(rows, weights)
                result |= self._of_order(rows, weights)
        return result

    def _of_order(self, rows: Rows, weights: Weights) -> dict[str, NDArray[np.float64]]:
        result = {}
        known, scope = self._known[rows], self._scope[rows]
        if scope.any():
            at = np.flatnonzero(known | scope)
            result["oos_auroc"] = selection.auroc(self._confidence[rows[at]], known[at], weights[at])
        at = np.flatnonzero(known)
        covered = selection.coverage(
            self._confidence[rows[at]], self._right[rows[at]], weights[at], self._precisions
        )
        return result | dict(zip(map(coverage_name, self._precisions), covered, strict=True))

    def _macro_f1(self, rows: Rows, weights: Weights) -> NDArray[np.float64]:
        at = np.flatnonzero(self._known[rows])
        truth, predicted = self._truth[rows[at]], self._predicted[rows[at]]
        answered, hit = np.flatnonzero(predicted != NONE), np.flatnonzero(self._right[rows[at]])
        classes, totals = _sums(
            np.concatenate([truth, predicted[answered]]), np.concatenate([at, at[answered]]), weights
        )
        occurs = totals > 0  # [C, R]
        hit_classes, hits = _sums(truth[hit], at[hit], weights)
        places = np.searchsorted(classes, hit_classes)
        f1 = np.zeros_like(totals)
        f1[places] = 2.0 * hits / np.maximum(totals[places], 1.0)
        mean: NDArray[np.float64] = f1.sum(axis=0, dtype=np.float64) / occurs.sum(axis=0)
        return mean


def _sums(codes: NDArray[np.int32], rows: Rows, weights: Weights) -> tuple[NDArray[np.int32], Weights]:
    """The distinct codes, [C], and the summed weights of each one's rows, [C, R]."""
    if not len(codes):
        return codes, weights[:0]
    order = np.argsort(codes, kind="stable")
    classes, starts = np.unique(codes[order], return_index=True)
    return classes, np.add.reduceat(weights[rows[order]], starts, axis=0)


def _recoded(codes: NDArray[np.int32], places: list[int]) -> NDArray[np.int32]:
    return np.array([*places, NONE], dtype=np.int32)[codes]  # NONE is the last one


def _inverse(rank: NDArray[np.int32]) -> NDArray[np.float64]:
    """1 / rank; 0 where nothing was found."""
    return np.where(rank > 0, 1.0 / np.maximum(rank, 1), 0.0)
