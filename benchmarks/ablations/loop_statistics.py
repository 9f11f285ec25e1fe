"""Means over seeds, and bootstrap intervals, of figures that are no means over requests."""

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from benchmarks.ablations.loop_runs import Run
from benchmarks.ablations.several_right import Floats, Sets, answer_macro_f1

_RESAMPLES = 400


def figures(run: Run, sets: Sets | None = None, weights: Floats | None = None) -> dict[str, float]:
    """What a row is judged by.

    Args:
        sets: Those of the run, where they are at hand.
        weights: Count requests (a bootstrap's draws), [N].
    """
    micro, macro, sample = (sets or Sets(run.test, run.threshold)).f1(weights)
    return {
        "macro-F1": macro,
        "sample-F1": sample,
        "micro-F1": micro,
        "any correct": float(np.average(run.test.any_correct, weights=weights)),
        "answers' macro-F1": answer_macro_f1(run.test, weights),
    }


class Bootstrap:
    """Every run's figures on all test requests, and on the same draws of customers.

    Args:
        runs: Rows by seeds; all of the same test requests.
        groups: The customer of each request, [N].
    """

    def __init__(self, runs: Sequence[Run], groups: Sequence[str]) -> None:
        self._runs = runs
        sets = [Sets(run.test, run.threshold) for run in runs]
        self._whole = [figures(run, own) for run, own in zip(runs, sets, strict=True)]
        self._drawn: list[list[dict[str, float]]] = []
        _, group = np.unique(groups, return_inverse=True)
        count, rng = int(group.max()) + 1, np.random.default_rng(0)
        for _ in range(_RESAMPLES):
            draws = np.bincount(rng.integers(0, count, count), minlength=count)
            weights = draws[group].astype(np.float64)  # [N], how often each request was drawn
            self._drawn.append([figures(run, own, weights) for run, own in zip(runs, sets, strict=True)])

    def row(self, name: str, measure: str) -> tuple[Floats, str]:
        """A row's figure for each seed, and the 95 % interval of their mean in words."""
        low, high = self._interval(lambda found: self._of(found, name, measure).mean())
        return self._of(self._whole, name, measure), f"{low:.4f} … {high:.4f}"

    def difference(self, better: str, worse: str, measure: str) -> tuple[Floats, str]:
        """Better minus worse for each seed, and the 95 % interval of their mean in words."""

        def gaps(found: Sequence[Mapping[str, float]]) -> Floats:
            return self._of(found, better, measure) - self._of(found, worse, measure)

        low, high = self._interval(lambda found: gaps(found).mean())
        return gaps(self._whole), f"{low:+.4f} … {high:+.4f}"

    def _of(self, found: Sequence[Mapping[str, float]], name: str, measure: str) -> Floats:
        return np.array([one[measure] for run, one in zip(self._runs, found, strict=True) if run.row == name])

    def _interval(self, mean: Callable[[Sequence[Mapping[str, float]]], float]) -> tuple[float, float]:
        low, high = np.quantile([mean(found) for found in self._drawn], [0.025, 0.975])
        return float(low), float(high)
