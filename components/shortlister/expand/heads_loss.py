"""Skill heads on frozen requests in NumPy, the training's loss of new ones, and its gradient."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from components.shortlister.expand.rows import SkillRows
from components.shortlister.network import Network
from components.shortlister.ragged import Ints

Floats = npt.NDArray[np.float32]
Weights = npt.NDArray[np.float64]

_SELU = (1.0507009873554805, 1.6732632423543772)  # λ and α
_TINY = 1e-12


@dataclass(frozen=True, kw_only=True)
class LossForm:
    """Which losses the heads have; see `components.shortlister.loss`.

    Attributes:
        others: Weight of each other skill in the balanced loss; 0: there is no balanced loss.
        ranking: Weight of the ranking loss.
    """

    others: float
    ranking: float


class Heads:
    """Heads of M skills as one array, float64 [M, O, R + 1] with the bias at the end, or [M, O, R] without.

    Args:
        network: The form of the heads, and what all of them share.
        start: Their rows, old skills' or new ones'; embeddings and flags stay as they are there.
        trust: Taken off the scores of enabled skills.
    """

    def __init__(self, network: Network, start: SkillRows, *, trust: float) -> None:
        heads = network.heads
        self._start = start
        self._form = heads.form
        self._outputs = 2 if heads.form == "selu" else 1
        self._scale = 1.0 if heads.scale is None else float(heads.scale)
        self._point = np.asarray(heads.point, np.float32) if heads.pointer else np.zeros(2, np.float32)
        self._trust = np.float32(trust)

    def packed(self) -> Weights:
        """Those of the start."""
        start = self._start
        kernel = start.kernel.reshape(len(start), self._outputs, -1)
        parts = [kernel] if start.bias is None else [kernel, start.bias[:, :, None]]
        return np.concatenate(parts, axis=2).astype(np.float64)

    def rows(self, x: Weights) -> SkillRows:
        """The start with these heads."""
        count, bias = len(x), self._start.bias
        kernel = (x if bias is None else x[:, :, :-1]).reshape(count, -1).astype(np.float32)
        return replace(
            self._start, kernel=kernel, bias=None if bias is None else x[:, :, -1].astype(np.float32)
        )

    def inputs(self, request: Floats) -> Floats:
        """What the heads are multiplied with, [B, D]: request vectors with a 1 behind, or of length 1."""
        if self._form == "cosine":
            unit: Floats = request / np.maximum(np.linalg.norm(request, axis=1, keepdims=True), _TINY)
            return unit
        if self._start.bias is None:
            return request
        return np.concatenate([request, np.ones((len(request), 1), np.float32)], axis=1)

    def scores(
        self, x: Weights | Floats, inputs: Floats, places: Ints, attention: Floats
    ) -> tuple[Floats, list[Floats]]:
        """The scores [B, M], and the outputs of each head that they are made of, O times [B, M].

        Args:
            x: The heads.
            inputs: [B, D].
            places: int [B, E], enabled skills by their number among these + 1; 0 elsewhere.
            attention: [B, E], the attention's scores of the same.
        """
        rows, at = np.nonzero(places)
        columns = places[rows, at] - 1
        weights = self._directions(x)[0] if self._form == "cosine" else x
        outputs: list[Floats] = []
        for number in range(self._outputs):
            output = inputs @ np.asarray(weights[:, number], np.float32).T  # [B, M]
            output *= np.float32(self._scale)
            if self._start.flag is not None:
                output[rows, columns] += self._start.flag[columns, number]
            outputs.append(output)
        scores = outputs[0] if self._outputs == 1 else _selu(outputs[0]) - _selu(outputs[1])
        scores[rows, columns] += self._point[0] + self._point[1] * attention[rows, at] - self._trust
        return scores, outputs

    def own_scores(self, x: Floats, inputs: Floats, skill: Ints, places: Ints, attention: Floats) -> Floats:
        """The score of one head for each request, that of `skill` [B], as `scores` gives it: [B]."""
        own = x[skill]  # [B, O, D]
        weights = self._directions(own)[0] if self._form == "cosine" else own
        outputs: Floats = np.matmul(weights, inputs[:, :, None])[:, :, 0] * np.float32(self._scale)  # [B, O]
        rows, at = np.nonzero(places == skill[:, None] + 1)
        if self._start.flag is not None:
            outputs[rows] += self._start.flag[skill[rows]]
        scores: Floats = outputs[:, 0] if self._outputs == 1 else _selu(outputs[:, 0]) - _selu(outputs[:, 1])
        scores[rows] += self._point[0] + self._point[1] * attention[rows, at] - self._trust
        return scores

    def gradient(self, x: Weights, inputs: Floats, outputs: list[Floats], slope: Floats) -> Weights | Floats:
        """The gradient of a loss by x from that by the scores, `slope` [B, M]."""
        if self._outputs == 2:
            parts = [slope * _selu_slope(outputs[0]), -slope * _selu_slope(outputs[1])]
        else:
            parts = [slope]
        found = np.stack([part.T @ inputs for part in parts], axis=1)  # [M, O, D]
        if self._form != "cosine":
            return found
        direction, length = self._directions(x)
        along = np.sum(found * direction, axis=2, keepdims=True)
        projected: Weights = self._scale * (found - along * direction) / length
        return projected

    def _directions(self, x: Weights | Floats) -> tuple[Weights | Floats, Weights | Floats]:
        length = np.maximum(np.linalg.norm(x, axis=2, keepdims=True), _TINY)
        return x / length, length


def loss_and_slope(scores: Floats, right: Ints, rest: Floats, form: LossForm) -> tuple[Floats, Floats]:
    """What the labels cost, up to what no new head can change, and its slope by each score.

    The balanced loss of the new heads, and the ranking loss over them and one column for all old skills.

    Args:
        scores: [B, M].
        right: [B], the right skill's number among the new ones + 1; 0: it is an old one.
        rest: [B], log Σ exp of the old skills' scores.
        form: Which losses.

    Returns: float [B] and float [B, M].
    """
    own = np.flatnonzero(right)
    column = right[own] - 1
    loss, slope = np.zeros(len(scores), np.float32), np.zeros_like(scores)
    if form.others:
        outside = np.log1p(np.exp(-np.abs(scores)))
        outside += np.maximum(scores, 0)  # -log p(out)
        inside = 0.5 + 0.5 * np.tanh(0.5 * scores)  # p(in)
        mine, chance = scores[own, column], inside[own, column]
        loss += form.others * outside.sum(axis=1)
        loss[own] += (1.0 - form.others) * outside[own, column] - mine
        np.multiply(inside, form.others, out=slope)
        slope[own, column] = chance - 1.0
    if form.ranking:
        top = np.maximum(scores.max(axis=1), rest)
        share = np.exp(scores - top[:, None])
        total = share.sum(axis=1) + np.exp(rest - top)
        ranking = top + np.log(total)
        ranking[own] -= scores[own, column]
        share *= (form.ranking / total)[:, None].astype(np.float32)
        loss += form.ranking * ranking
        slope += share
        slope[own, column] -= form.ranking
    return loss, slope


def _selu(z: Floats) -> Floats:
    scale, alpha = _SELU
    found: Floats = np.float32(scale) * np.where(z > 0, z, np.float32(alpha) * np.expm1(np.minimum(z, 0)))
    return found


def _selu_slope(z: Floats) -> Floats:
    scale, alpha = _SELU
    found: Floats = np.float32(scale) * np.where(z > 0, 1.0, np.float32(alpha) * np.exp(np.minimum(z, 0)))
    return found.astype(np.float32)


def loss_form(heads: str, *, ranking: float, skills: int) -> LossForm:
    """The losses of heads of this form among `skills` skills, as a training has them."""
    if heads in ("softmax", "cosine"):
        return LossForm(others=0.0, ranking=1.0)
    if heads == "sigmoid":
        return LossForm(others=1.0, ranking=0.0)
    return LossForm(others=1.0 / max(skills - 1, 1), ranking=ranking)
