"""The best skills for a request vector: a cheap look at all of them, an exact one at the few that may win."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

from components.records.manifest import Refusal
from components.records.shortlister_signature import NO_REJECT
from components.records.twin.litert import LiteRt
from components.records.twin.row_table import RowTable
from components.records.twin.spec import BIAS, FLAGS, HEADS, HEADS_SCALES, SCAN, TwinSpec

Floats = npt.NDArray[np.float32]
Rows = npt.NDArray[np.int64]

_CANDIDATES = 128
_CHUNK = 8192
_LEAST_REST = 1e-7  # what the others have of the probability, at least
_NONE: Floats = np.zeros(0, np.float32)


class Heads:
    """Scores skills.

    The product of 8-bit rows in `model.tflite` rounds the request vector too. So it only chooses which skills
    to look at: they are scored anew with the very same rows, mapped from that file, and the vector as it is.
    Shapes: K skills, R request vector, O outputs a head, C candidates.

    Args:
        folder: The version folder.
        spec: Its `twin.json`.
        model: Its `model.tflite`.
    """

    def __init__(self, folder: Path, spec: TwinSpec, model: LiteRt) -> None:
        self._spec = spec
        self._model = model
        scales = np.load(folder / HEADS_SCALES) if spec.weights == "int8" else None
        self._rows = RowTable(model.constant(HEADS), scales)
        self._bias: Floats = np.load(folder / BIAS)  # [K, O]
        self._flags: Floats | None = np.load(folder / FLAGS) if spec.flags else None  # [K, O]

    def top(
        self,
        request: Floats,
        enabled: Rows,
        k: int,
        attention: Floats | None = None,
        said: Floats | None = None,
    ) -> tuple[Rows, Floats, float]:
        """The best min(k, K) skills, best first: rows and log-odds; and the reject score.

        Args:
            request: float32 [R].
            enabled: Rows of the enabled skills.
            k: Not negative.
            attention: The attention scores of the enabled skills, for heads with a pointer.
            said: What the words add to each score, by a table of words: float32 [K].
        """
        spec = self._spec
        length = float(np.sqrt(request @ request))
        if spec.normalised:
            request = request / np.sqrt(np.maximum(request @ request, np.float32(1e-12)))
        rows, others = self._candidates(request, enabled, max(_CANDIDATES, 2 * k), said)
        at = np.searchsorted(rows, enabled)  # [E]
        scores = self._scores(request, rows, at)  # [C]
        if spec.pointer and attention is not None:
            bonus = np.zeros_like(scores)
            bonus[at] = spec.pointer[0] + spec.pointer[1] * attention
            scores += bonus
        if said is not None:
            scores = scores + said[rows]
        if spec.choice:
            scores, others = _against_all(scores, others)
        best = np.argsort(-scores, kind="stable")[: max(k, 2)]
        shift = np.float32(spec.shift)
        reject = NO_REJECT
        if spec.refusal:
            reject = _reject(scores[best], scores, others, shift, length, spec.refusal)
        return rows[best[:k]], scores[best[:k]] - shift, reject

    def _candidates(
        self, request: Floats, enabled: Rows, wanted: int, said: Floats | None
    ) -> tuple[Rows, Floats]:
        """The skills to look at, ascending [C], and the others' rounded scores [K], -inf for those looked at.

        Where there are more skills than `wanted`, it is the best so many and the enabled ones; else all.
        """
        if wanted >= self._spec.skills:
            return np.arange(self._spec.skills), _NONE
        scan = self._combined(
            self._model(SCAN, request=request[None])["scores"].reshape(-1, self._spec.outputs)
        )
        if said is not None:
            scan = scan + said
        chosen = scan >= _reached_by(scan, wanted)  # [K]
        chosen[enabled] = True
        rows = np.flatnonzero(chosen)
        scan[rows] = -np.inf
        return rows, scan

    def _scores(self, request: Floats, rows: Rows, enabled: Rows) -> Floats:
        """The exact scores of these rows: float32 [C]; `enabled` are the places of enabled skills in them."""
        outputs, places = self._spec.outputs, rows
        if outputs > 1:
            places = (rows[:, None] * outputs + np.arange(outputs)).ravel()  # [C·O]
        products = np.empty(len(places), np.float32)
        for start in range(0, len(places), _CHUNK):
            part = slice(start, start + _CHUNK)
            products[part] = self._rows.products(places[part], request)
        values = products.reshape(-1, outputs) + self._bias[rows]  # [C, O]
        if self._flags is not None and len(enabled):
            values[enabled] += self._flags[rows[enabled]]
        return self._combined(values)

    def _combined(self, values: Floats) -> Floats:
        """What a head answers, from its outputs [..., O]."""
        if self._spec.outputs == 1:
            return values[:, 0]
        inside, outside = selu(values).T
        answer: Floats = inside - outside
        return answer


def _reached_by(values: Floats, count: int) -> np.float32:
    """A bound that at least `count` of the values reach, and not many more; quicker than sorting them out."""
    groups = 8 * count
    if len(values) >= 2 * groups:
        length = len(values) // groups
        values = values[: length * groups].reshape(length, groups).max(axis=0)
    bound: np.float32 = np.partition(values, len(values) - count)[len(values) - count]
    return bound


def selu(values: Floats) -> Floats:
    """Klambauer et al. (2017), https://arxiv.org/abs/1706.02515, as Keras has it."""
    scale, alpha = np.float32(1.05070098), np.float32(1.67326324)
    return scale * np.where(values > 0, values, alpha * np.expm1(np.minimum(values, 0)))


def _against_all(scores: Floats, others: Floats) -> tuple[Floats, Floats]:
    """log(p / (1 - p)) of both, p their softmax. No two large numbers are taken from each other."""
    best = int(scores.argmax())
    weights, rest = np.exp(scores - scores[best]), np.exp(others - scores[best])  # in units of the best
    weights[best] = 0.0
    behind = weights.sum() + rest.sum()
    odds = scores - scores[best] - np.log1p(behind - weights)
    odds[best] = -np.log(np.maximum(behind, np.float32(_LEAST_REST)))
    return odds, others - scores[best] - np.log1p(behind - rest)


def _reject(
    best: Floats, scores: Floats, others: Floats, shift: np.float32, length: float, refusal: Refusal
) -> float:
    """The log-odds that no skill can serve the request, as `Refusal` defines them."""
    energy = best[0] + np.log(np.exp(scores - best[0]).sum() + _sum_exp(others, best[0]))
    lead = float(best[0] - best[1]) if len(best) > 1 else 0.0
    features = (float(best[0] - shift), lead, float(energy - shift), length)
    return sum(w * f for w, f in zip(refusal.weights, features, strict=True)) + refusal.intercept


def _sum_exp(values: Floats, shift: np.float32) -> np.float32:
    """Σ exp(values - shift); overwrites the values, for another array of them costs as much as the sum."""
    np.subtract(values, shift, out=values)
    np.exp(values, out=values)
    total: np.float32 = values.sum()
    return total
