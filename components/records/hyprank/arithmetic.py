"""HypRank's arithmetic in NumPy, the same as the network's in TensorFlow."""

from collections.abc import Mapping
from typing import Any, Literal

import msgspec
import numpy as np
import numpy.typing as npt

from components.records.hyprank.rank import NO_SCORE
from components.records.manifest import Calibration

Floats = npt.NDArray[np.float32]
Bools = npt.NDArray[np.bool_]
Weights = Mapping[str, Floats]

_SCALE, _ALPHA = np.float32(1.05070098), np.float32(1.67326324)
MOST_INPUT = 10.0
"""Standard deviations from the mean that an input is kept within."""
SURE = 20.0
"""Log-odds that no skill of an empty list is right."""


class RankSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What the weights do not say of a network.

    Attributes:
        context: What a hypothesis is judged by: "concat", itself beside the BiLSTM's state (LSTM_C); "sum",
            both added up; "only", the state alone (LSTM_O); "none", itself alone.
        order: In which order the BiLSTM reads a list: "shortlister", by falling score, whatever the order
            it comes in; "given", as it comes.
        key: Number of the feature that "shortlister" goes by.
        calibration: From the network's log-odds to confidences.
        none_slope, none_intercept: From its log-odds of "none" to the probability.
    """

    context: Literal["concat", "sum", "only", "none"]
    order: Literal["shortlister", "given"]
    key: int
    calibration: Calibration = Calibration()
    none_slope: float = 1.0
    none_intercept: float = 0.0


def run(weights: Weights, spec: RankSpec, features: Floats, mask: Bools, skills: Floats) -> dict[str, Floats]:
    """What the network says of B lists.

    Shapes: B lists, k hypotheses (padded), F features, T columns of the skill table.

    Args:
        weights: By name, as `HypRankNetwork.arrays` gives them.
        features: [B, k, F].
        mask: [B, k], True = a hypothesis.
        skills: [B, k, T], the rows of the skill table.

    Returns: `scores` [B, k], `confidence` [B, k] and `none` [B].
    """
    w = weights
    real = mask[..., None].astype(np.float32)  # [B, k, 1]
    inputs = np.clip((features - w["mean"]) / w["scale"], -MOST_INPUT, MOST_INPUT)
    own = np.concatenate([inputs, skills @ w["skill.kernel"] + w["skill.bias"]], axis=-1) * real  # [B, k, P]
    given = own
    if spec.context != "none":
        places = np.arange(len(mask))[:, None], _order(spec, features, mask)
        there, held = own[places], mask[places]
        ahead = _lstm(w, "forward", there, held)
        behind = _lstm(w, "backward", there[:, ::-1], held[:, ::-1])[:, ::-1]
        state = np.empty((*mask.shape, 2 * ahead.shape[-1]), np.float32)  # [B, k, 2L]
        state[places] = np.concatenate([ahead, behind], axis=-1)
        if spec.context == "concat":
            given = np.concatenate([own, state], axis=-1)
        elif spec.context == "sum":
            given = own @ w["project.kernel"] + w["project.bias"] + state
        else:
            given = state
    hidden = _selu(given @ w["hidden.kernel"] + w["hidden.bias"]) * real  # [B, k, H]
    scores = (hidden @ w["score.kernel"] + w["score.bias"])[..., 0]  # [B, k]
    level, slope, none = _list_outputs(w, hidden, mask)
    best = np.where(mask, scores, NO_SCORE).max(axis=1, keepdims=True)
    odds = np.where(mask, level[:, None] + slope[:, None] * (scores - best), -SURE)  # [B, k]
    calibration = spec.calibration
    z = calibration.slope * odds + calibration.margin * (odds - level[:, None]) + calibration.intercept
    z = z + calibration.behind * (scores < best)
    empty = ~mask.any(axis=1)
    nobody = _sigmoid(spec.none_slope * none + spec.none_intercept)
    return {
        "scores": np.where(mask, scores, np.float32(NO_SCORE)).astype(np.float32),
        "confidence": np.where(mask, _sigmoid(z), 0.0).astype(np.float32),
        "none": np.where(empty, 1.0, nobody).astype(np.float32),
    }


def _order(spec: RankSpec, features: Floats, mask: Bools) -> npt.NDArray[np.intp]:
    """The places of a list in the order it is read, padding last where it is sorted: [B, k]."""
    if spec.order == "given":
        return np.broadcast_to(np.arange(mask.shape[1]), mask.shape)
    return np.argsort(np.where(mask, -features[..., spec.key], -np.float32(NO_SCORE)), axis=1, kind="stable")


def _lstm(w: Weights, name: str, inputs: Floats, mask: Bools) -> Floats:
    """The states of an LSTM, [B, k, L], 0 at padding; its own state goes past padding as it is."""
    kernel, recurrent, bias = (w[f"{name}.{part}"] for part in ("kernel", "recurrent", "bias"))
    size = len(recurrent)
    gates = inputs @ kernel + bias  # [B, k, 4L]: input, forget, candidate, output
    state = cell = np.zeros((len(inputs), size), np.float32)
    states = np.zeros((*mask.shape, size), np.float32)
    whole = bool(mask.all())
    for step in range(mask.shape[1]):
        now = gates[:, step] + state @ recurrent
        opened = _sigmoid(now)
        candidate = np.tanh(now[:, 2 * size : 3 * size])
        new_cell = opened[:, size : 2 * size] * cell + opened[:, :size] * candidate
        new_state = opened[:, 3 * size :] * np.tanh(new_cell)
        if whole:
            cell = new_cell
            state = states[:, step] = new_state
            continue
        real = mask[:, step, None]
        cell, state = np.where(real, new_cell, cell), np.where(real, new_state, state)
        states[:, step] = np.where(real, new_state, np.float32(0.0))
    return states


def _list_outputs(w: Weights, hidden: Floats, mask: Bools) -> tuple[Floats, Floats, Floats]:
    """Of each list: the log-odds that its best is right, how fast those fall with the score, and the log-odds
    that none is right: [B] each."""
    size = np.maximum(mask.sum(axis=1, keepdims=True), 1).astype(np.float32)  # [B, 1]
    most = np.where(mask[..., None], hidden, np.float32(NO_SCORE)).max(axis=1)  # [B, H]
    most = np.where(mask.any(axis=1, keepdims=True), most, np.float32(0.0))
    pooled = np.concatenate([hidden.sum(axis=1) / size, most], axis=-1)  # [B, 2H]
    whole = _selu(pooled @ w["pool.kernel"] + w["pool.bias"])
    level, slope, none = (whole @ w["list.kernel"] + w["list.bias"]).T
    return level, np.logaddexp(np.float32(0.0), slope), none


def _selu(x: Floats) -> Floats:
    bent: Floats = _SCALE * np.where(x > 0.0, x, _ALPHA * np.expm1(np.minimum(x, np.float32(0.0))))
    return bent


def _sigmoid(x: npt.NDArray[np.floating[Any]]) -> Floats:
    share: Floats = (0.5 + 0.5 * np.tanh(0.5 * x)).astype(np.float32, copy=False)
    return share
