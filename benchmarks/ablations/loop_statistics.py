"""Means over seeds and paired intervals of figures that are no means over requests."""

from collections.abc import Sequence

import numpy as np

from benchmarks.ablations.loop_runs import Run
from benchmarks.ablations.several_right import Floats, answer_macro_f1, set_f1

_RESAMPLES = 500


def answer_macro(runs: Sequence[Run], weights: Floats | None = None) -> float:
    """Macro-F1 of the answers, mean over the runs."""
    return float(np.mean([answer_macro_f1(run.test, weights) for run in runs]))


def set_figures(runs: Sequence[Run]) -> tuple[float, float]:
    """Micro- and macro-F1 of the sets, mean over the runs."""
    micro, macro = np.mean([set_f1(run.test, run.threshold) for run in runs], axis=0)
    return float(micro), float(macro)


def macro_difference(better: Sequence[Run], worse: Sequence[Run], groups: Sequence[str]) -> tuple[str, str]:
    """Macro-F1 of the better rows minus that of the worse, and its interval over customers, in words."""
    _, group = np.unique(groups, return_inverse=True)
    rng = np.random.default_rng(0)
    count = int(group.max()) + 1
    gaps = []
    for _ in range(_RESAMPLES):
        draws = np.bincount(rng.integers(0, count, count), minlength=count)
        weights = draws[group].astype(np.float64)  # [N], how often each request was drawn
        gaps.append(answer_macro(better, weights) - answer_macro(worse, weights))
    low, high = np.quantile(gaps, [0.025, 0.975])
    return f"{answer_macro(better) - answer_macro(worse):+.4f}", f"{low:+.4f} … {high:+.4f}"
