"""Utterance vectors of many requests at once, in NumPy: no graph is traced, no word is read twice."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from components.records.twin.forms import Forms
from components.shortlister.batches import sorted_batches
from components.shortlister.corpus import Corpus, Rows
from components.shortlister.network import Network
from components.shortlister.ragged import Ints, Ragged

Floats = npt.NDArray[np.float32]

_BATCH = 1024


class Reader:
    """Utterance vectors of a network, as `Network.utterance` gives them with dropout off, up to rounding.

    Shapes: N requests, V distinct words, D word vector, L LSTM size, G n-gram vector, H utterance vector.
    """

    def __init__(self, network: Network) -> None:
        self.size = int(network.projection.units)
        forms, encoder = network.forms, network.encoder
        self._forms = Forms(*map(_values, (forms.table, forms.kernel, forms.bias)))
        self._words = _values(network.word_table.embeddings)
        self._grams = _values(network.bag.table)
        self._directions = [_Direction(encoder.forward.cell), _Direction(encoder.backward.cell)]
        self._projection = _values(network.projection.kernel), _values(network.projection.bias)

    def __call__(self, corpus: Corpus, rows: Rows) -> Floats:
        """Those of these rows: float [N, H]."""
        found = np.zeros((len(rows), self.size), np.float32)
        words, pairs = corpus.words.take(rows), corpus.pairs.take(rows)
        known = corpus.spelling.take(rows).values.astype(np.int64) * len(self._words) + words.values
        distinct, place = np.unique(known, return_inverse=True)
        spelt, ids = np.divmod(distinct, len(self._words))  # [V]
        vectors = np.concatenate([self._forms(corpus.chars[spelt]), self._words[ids]], axis=1)  # [V, D]
        gates = [direction.gates(vectors) for direction in self._directions]
        grams = corpus.grams.take(spelt)
        bags = _sums(self._grams, grams)  # [V, G]
        words = Ragged(place.ravel().astype(np.int32), words.starts)
        number = _totals(grams.lengths[words.values], words) + pairs.lengths  # [N]
        kernel, bias = self._projection
        for batch in sorted_batches(corpus, rows, size=_BATCH):
            batch = batch[::-1]  # longest first
            own = words.take(batch)
            states = [
                direction(known, own, backward=backward)
                for direction, known, backward in zip(self._directions, gates, (False, True), strict=True)
            ]
            bag = _sums(bags, own) + _sums(self._grams, pairs.take(batch))  # [B, G]
            bag /= np.sqrt(np.maximum(number[batch, None], 1.0, dtype=np.float32))
            found[batch] = np.concatenate([*states, bag], axis=1) @ kernel + bias
        return found


class _Direction:
    """One LSTM. σ(z) is ½ + ½ tanh(z / 2), so that all gates are one tanh; the halves are in the weights."""

    def __init__(self, cell: Any) -> None:
        halves = np.repeat(np.array([0.5, 0.5, 1.0, 0.5], np.float32), cell.units)  # Keras's order of gates
        self.size = int(cell.units)
        self._kernel, self._recurrent, self._bias = (
            _values(weight) * halves for weight in (cell.kernel, cell.recurrent_kernel, cell.bias)
        )

    def gates(self, vectors: Floats) -> Floats:
        """What words [V, D] do to the gates whatever comes before them: [V, 4L]."""
        gates: Floats = vectors @ self._kernel + self._bias
        return gates

    def __call__(self, gates: Floats, words: Ragged, *, backward: bool) -> Floats:
        """The sum of the states over the words of each request: [B, L].

        Args:
            gates: Of the distinct words; see `gates`.
            words: Those of the requests, longest request first.
            backward: Whether the last word comes first.
        """
        state, cell, total = (np.zeros((len(words.lengths), self.size), np.float32) for _ in range(3))
        for step in _steps(words, backward=backward):
            now = len(step)
            opened = np.tanh(gates[step] + state[:now] @ self._recurrent)  # [n, 4L]
            take, keep, candidate, show = np.split(opened, 4, axis=1)
            cell = (0.5 + 0.5 * keep) * cell[:now] + (0.5 + 0.5 * take) * candidate
            state = (0.5 + 0.5 * show) * np.tanh(cell)
            total[:now] += state
        return total


def _steps(rows: Ragged, *, backward: bool = False) -> Iterator[Ints]:
    """The first values of all rows, then the second ones, …; longest row first, so that those that are
    that long are always the first ones."""
    lengths = rows.lengths
    for step in range(int(lengths.max(initial=0))):
        long = int(np.count_nonzero(lengths > step))
        yield rows.values[rows.starts[1 : long + 1] - 1 - step if backward else rows.starts[:long] + step]


def _sums(table: Floats, ids: Ragged) -> Floats:
    """The sum of the rows of `table` that each row of `ids` names; zeros for a row without ids."""
    order = np.argsort(-ids.lengths, kind="stable")
    total = np.zeros((len(order), table.shape[1]), np.float32)
    for step in _steps(ids.take(order)):
        total[: len(step)] += table[step]
    found = np.empty_like(total)
    found[order] = total
    return found


def _totals(values: npt.NDArray[np.int64], rows: Ragged) -> npt.NDArray[np.int64]:
    """The sum of `values`, one for each value of `rows`, by row."""
    return np.diff(np.concatenate([[0], values.cumsum()])[rows.starts])


def _values(weight: Any) -> Floats:
    return np.asarray(weight, np.float32)
