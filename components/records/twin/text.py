"""Utterance vectors, without TensorFlow."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.records.encoding.hashing import pair_buckets
from components.records.encoding.words import Word, WordReader
from components.records.twin.forms import Forms
from components.records.twin.litert import LiteRt
from components.records.twin.row_table import RowTable
from components.records.twin.spec import FOLDS, FORMS, GRAMS, READ, WORDS, TwinSpec

Floats = npt.NDArray[np.float32]


class WordVectors(NamedTuple):
    """All that the model makes of a word by itself; a word met again is not worked out again.

    Attributes:
        hash: Of its spelling.
        row: In the word table.
        vector: What the BiLSTM reads, form and row of the word table, then the sum of its n-grams' vectors:
            float32 [D + G].
        grams: How many n-grams those are.
    """

    hash: int
    row: int
    vector: Floats
    grams: int


class WordTables:
    """From words to their vectors. It knows nothing of who remembers them, so that no cycle keeps a version
    in memory that is let go.

    Args:
        folder: The version folder.
    """

    def __init__(self, folder: Path) -> None:
        self._words = RowTable.open(folder / WORDS)
        self._forms = Forms.open(folder / FORMS)
        self.grams = RowTable.open(folder / GRAMS)
        self.width: int = self._forms.size + self._words.rows.shape[1]

    def __call__(self, words: Sequence[Word]) -> list[WordVectors]:
        rows = self._words.take(np.array([word.row for word in words]))
        forms = self._forms(np.array([word.chars for word in words]))
        bags = np.array([self.grams.total(word.grams) for word in words])
        vectors = np.concatenate([forms, rows, bags], axis=1)
        return [
            WordVectors(word.hash, word.row, vector, len(word.grams))
            for word, vector in zip(words, vectors, strict=True)
        ]


class TextVectors:
    """From an utterance to its vector.

    Shapes: W steps, D word vector, G n-gram vector, H utterance vector.

    Args:
        folder: The version folder.
        spec: Its `twin.json`.
        model: Its `model.tflite`.
    """

    def __init__(self, folder: Path, spec: TwinSpec, model: LiteRt) -> None:
        self._spec = spec
        self._model = model
        self._memory = np.zeros((2, 3, spec.lstm_size), np.float32)
        tables = WordTables(folder)
        self._width, self._grams = tables.width, tables.grams
        self._read = WordReader(spec.text, np.load(folder / FOLDS), tables)

    def __call__(self, utterance: bytes) -> tuple[Floats, list[int]]:
        """The utterance vector, float32 [H], and the rows of its words in the word table."""
        words = self._read(utterance)
        steps, number, width = self._spec.steps, len(words), self._width
        blocks = max(-(-number // steps), 1)
        vectors = np.zeros((2, blocks * steps, width), np.float32)  # in order, and last word first
        real = np.zeros((1, blocks * steps, 1), np.float32)
        bag = np.zeros((1, self._grams.rows.shape[1]), np.float32)
        if words:
            known = np.array([word.vector for word in words])  # [W, D + G]
            vectors[0, :number], vectors[1, :number] = known[:, :width], known[::-1, :width]
            real[0, :number] = 1.0
            bag[0] = self._bag(words, known[:, width:].sum(axis=0))
        read = {"memory": self._memory}
        for start in range(0, blocks * steps, steps):
            now = slice(start, start + steps)
            read = self._model(READ, words=vectors[:, now], real=real[:, now], bag=bag, memory=read["memory"])
        vector: Floats = read["utterance"][0]
        return vector, [word.row for word in words]

    def _bag(self, words: Sequence[WordVectors], total: Floats) -> Floats:
        """The sum of the n-grams, with the word pairs added, over √ of their number: float32 [G]."""
        number = sum(word.grams for word in words) + len(words) - 1
        if len(words) > 1:
            hashes = np.array([word.hash for word in words], np.int64)
            total += self._grams.total(pair_buckets(hashes, self._spec.text.gram_buckets))
        bag: Floats = total / np.float32(math.sqrt(number))
        return bag
