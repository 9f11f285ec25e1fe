"""The figures of a slice under weights of its requests: what the bootstrap resamples."""

from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from components.evaluate import selection
from components.evaluate.judgement import ANSWERABLE, NO_SINGLE_SKILL, OUT_OF_SCOPE
from components.evaluate.metrics import PRECISIONS, TOP, coverage_name
from components.evaluate.slicing import Rows
from components.evaluate.table import NONE, Table
from components.records import calibration

Floats = NDArray[np.float64]
Weights = NDArray[np.float32]
_CHUNK = 8_000_000
_LEVELS = 1 << 16
_GROUPS = 1024
"""Of confidences, at most: above so many requests, near confidences count as equal in coverage and AUROC."""


def draws(size: int, resamples: int, seed: int) -> Iterator[Weights]:
    """How often each of `size` requests is drawn, `resamples` times, [size, R'] a chunk.

    A request is drawn Poisson(1) times, independently of the others: the bootstrap for data of any size
    (Chamandy et al., 2012, "Estimating uncertainty for massive data streams").
    A request so has the same weight in every slice, and in two systems that are compared.
    """
    rng = np.random.default_rng(seed)
    columns = max(1, _CHUNK // max(size, 1))
    for start in range(0, resamples, columns):
        shape = (size, min(columns, resamples - start))
        yield _POISSON[rng.integers(_LEVELS, size=shape, dtype=np.uint16)]


def _poisson() -> Weights:
    """Poisson(1) by the inverse of its distribution function, at the midpoints of 2¹⁶ levels."""
    chance, counts = np.exp(-1.0), np.arange(1, 12)
    distribution = chance * np.cumsum(np.concatenate([[1.0], 1.0 / np.cumprod(counts)]))
    return np.searchsorted(distribution, (np.arange(_LEVELS) + 0.5) / _LEVELS).astype(np.float32)


_POISSON = _poisson()


class Columns:
    """What each request of a table adds to the figures that are sums over requests.

    Attributes:
        names: Figures that are one sum divided by another, M of them.
        added: What a request adds to the sum above each, to that below it, and to right less confidence in
            each bin of equal width, [N, 2 M + bins].
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.known: NDArray[np.bool_] = table.kind == ANSWERABLE
        self.scope: NDArray[np.bool_] = table.kind == OUT_OF_SCOPE
        self.right: NDArray[np.bool_] = self.known & (table.rank == 1)
        ratios = self._ratios()
        gaps = np.zeros((table.size, calibration.BINS))
        bins = calibration.equal_width(table.confidence)
        gaps[np.arange(table.size), bins] = self.known * (self.right - table.confidence)
        above, below = zip(*ratios.values(), strict=True)
        self.names = tuple(ratios)
        self.added = np.column_stack([*above, *below, gaps]).astype(np.float32)
        index = {name: code for code, name in enumerate(table.truth.names)}
        same = [index.setdefault(name, len(index)) for name in table.predicted.names]
        self.predicted = np.array([*same, NONE], dtype=np.int32)[table.predicted.codes]  # as truth's codes

    def _ratios(self) -> dict[str, tuple[NDArray[np.generic], NDArray[np.generic]]]:
        table, known, scope, right = self.table, self.known, self.scope, self.right
        single = known & (table.skill_rank != NO_SINGLE_SKILL)
        errors, sizes = known * table.frame[:, 0], known * table.frame[:, 1]
        framed = sizes > 0
        return {
            **{f"top{k}": (known & (table.rank >= 1) & (table.rank <= k), known) for k in TOP},
            "mrr": (known * np.where(table.rank > 0, 1.0 / np.maximum(table.rank, 1), 0.0), known),
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


class SliceFigures:
    """The headline figures of a slice under any weights of the requests.

    Args:
        columns: Of the table.
        rows: Of the slice.
        precisions: Those that coverage is measured at.
    """

    def __init__(self, columns: Columns, rows: Rows, precisions: Sequence[float] = PRECISIONS) -> None:
        self._columns, self._rows, self._precisions = columns, rows, precisions
        metrics = len(columns.names)
        below = columns.added[rows, metrics : 2 * metrics]
        self._held = below.max(axis=0, initial=0.0) > 0.0
        known, right, scope = (rows[held[rows]] for held in (columns.known, columns.right, columns.scope))
        self._answerable, self._scope = len(known) > 0, len(scope) > 0
        truth, answered = columns.table.truth.codes, known[columns.predicted[known] != NONE]
        classes, of_class = np.unique(
            np.concatenate([truth[known], columns.predicted[answered], truth[right]]), return_inverse=True
        )
        both = rows[columns.known[rows] | columns.scope[rows]]
        group_of = np.zeros(columns.table.size, dtype=np.int64)
        group_of[both] = calibration.equal_mass(columns.table.confidence[both], _GROUPS)
        groups = int(group_of[both].max(initial=-1)) + 1
        sizes = (len(classes), len(classes), groups, groups, groups)
        counted = len(known) + len(answered)
        self._parts = np.cumsum(sizes)[:-1]
        starts = np.cumsum((0, *sizes))
        lines = [of_class[:counted], of_class[counted:], *(group_of[each] for each in (known, right, scope))]
        members = np.concatenate([known, answered, right, known, right, scope])
        self._sums = sparse.csr_matrix(
            (
                np.ones(len(members), dtype=np.float32),
                (
                    np.concatenate([line + start for line, start in zip(lines, starts, strict=False)]),
                    members,
                ),
            ),
            shape=(int(starts[-1]), columns.table.size),
        )

    def __call__(self, weights: Weights) -> dict[str, Floats]:
        """Each figure that the slice has something for, float [R].

        Args:
            weights: Of all requests of the table, [N, R]. Where all that a figure rests on has weight 0, the
                figure is NaN.
        """
        names, added = self._columns.names, self._columns.added[self._rows]
        sums = (added.T @ weights[self._rows]).astype(np.float64)  # [2 M + bins, R]
        above, below, gaps = np.split(sums, [len(names), 2 * len(names)])
        totals, hits, requests, right, scope = np.split(self._sums @ weights, self._parts)
        with np.errstate(invalid="ignore", divide="ignore"):
            result = {name: above[i] / below[i] for i, name in enumerate(names) if self._held[i]}
            if self._answerable:
                result["ece"] = np.abs(gaps).sum(axis=0) / below[names.index("top1")]
                f1 = 2.0 * hits / np.maximum(totals, 1.0)  # [C, R]
                result["macro_f1"] = f1.sum(axis=0, dtype=np.float64) / (totals > 0.0).sum(axis=0)
                covered = selection.coverage(requests, right, self._precisions)
                result |= dict(zip(map(coverage_name, self._precisions), covered, strict=True))
                if self._scope:
                    result["oos_auroc"] = selection.auroc(requests, scope)
        return result
