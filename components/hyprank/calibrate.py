"""From HypRank's log-odds to confidences that hold, on dev."""

from dataclasses import dataclass

import numpy as np

from components.hyprank.lists import Bools, RankLists
from components.hyprank.network import Outputs
from components.records.calibration import ece
from components.records.logistic import confidences, fit_platt, fit_runners_up, sigmoid
from components.records.manifest import Calibration


@dataclass(frozen=True)
class DevFigures:
    """What dev says of a trained HypRank.

    Attributes:
        calibration: From the log-odds of a list's hypotheses to confidences; keeps their order.
        none: From the log-odds of "none" to its probability; its margin is 0.
        metrics: Figures of dev by name.
    """

    calibration: Calibration
    none: Calibration
    metrics: dict[str, float]


def dev_figures(outputs: Outputs, dev: RankLists) -> DevFigures:
    """Fits both maps, to every right skill that is known, `also_correct` too.

    Hypotheses of which nobody knows whether they are right are left out, and lists of which it is not known
    whether any is.
    """
    known, right = dev.known & dev.mask, dev.right_any
    some: Bools = np.logical_or.reduce(right & known, axis=1)  # [N]
    scores = np.where(dev.mask, outputs.scores, -np.inf)
    held = dev.mask.any(axis=1)
    best = scores.argmax(axis=1) if len(dev) else np.zeros(0, np.int64)
    row = np.arange(len(dev))
    odds = outputs.log_odds.astype(np.float64)
    judged = held & known[row, best]
    top, top_right = odds[row, best][judged], right[row, best][judged]
    behind = known & (np.arange(dev.mask.shape[1]) != best[:, None]) & judged[:, None]  # [N, k]
    at, _ = np.nonzero(behind)
    pairs = np.stack([odds[at, best[at]], odds[behind]], axis=1)  # [M, 2], the best and one behind it
    pairs_right = np.stack([right[at, best[at]], right[behind]], axis=1)
    calibration = fit_runners_up(fit_platt(top, top_right), pairs, pairs_right)
    told = (dev.judged | some) & held
    none = fit_platt(outputs.none[told].astype(np.float64), ~some[told])
    confidence = sigmoid(calibration.slope * top + calibration.intercept)
    single = (dev.right & known).any(axis=1)
    metrics = {"dev_lists": float(len(dev)), "dev_with_a_right_answer": float(some.sum())}
    if single.any():
        metrics["dev_top1"] = float(dev.right[row, best][single].mean())
    if len(top):
        metrics["dev_top1_any_correct"] = float(top_right.mean())
        metrics["dev_ece_before"] = ece(sigmoid(top), top_right)
        metrics["dev_ece"] = ece(confidence, top_right)
    if len(pairs):
        metrics["dev_ece_behind"] = ece(confidences(calibration, pairs)[:, 1], pairs_right[:, 1])
    return DevFigures(calibration, none, metrics)
