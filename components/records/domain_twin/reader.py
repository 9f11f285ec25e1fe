"""Scores of a request's domain, intents and tags, without TensorFlow."""

import functools
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.records.domain_twin.spec import DomainTwinSpec
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.words import Word, WordReader
from components.records.twin.forms import Forms
from components.records.twin.litert import LiteRt
from components.records.twin.row_table import RowTable
from components.records.twin.spec import FOLDS, FORMS, GRAMS, READ
from components.records.version_folder import TWIN

Floats = npt.NDArray[np.float32]

_REMEMBERED = 2048  # words; beyond them memory would grow with the traffic


class TextScores(NamedTuple):
    """What the model answers for a text. Shapes: W words, I intents, T tags.

    Attributes:
        domain: Log-odds that the request is the domain's.
        intents: [I].
        tags: [W, T].
        spans: Where each word begins and ends in the text, in code points: W.
    """

    domain: float
    intents: Floats
    tags: Floats
    spans: list[tuple[int, int]]


class DomainReader:
    """From a text to scores: words' vectors in NumPy, each spelling once, and the rest in one LiteRT call.

    Args:
        folder: The version folder.
        spec: Its `twin.json`.
    """

    def __init__(self, folder: Path, spec: DomainTwinSpec) -> None:
        self._model = LiteRt(folder / TWIN)
        self._forms = Forms.open(folder / FORMS)
        self._grams = RowTable.open(folder / GRAMS)
        self._read = _word_reader(spec.text, np.load(folder / FOLDS).tobytes())
        self._most = spec.text.max_words
        self._known: dict[tuple[int, bytes], Floats] = {}

    def __call__(self, text: bytes) -> TextScores:
        words = self._read(text)
        vectors = np.zeros((self._most, self._forms.size + self._grams.rows.shape[1]), np.float32)
        real = np.zeros((self._most, 1), np.float32)
        if words:
            vectors[: len(words)] = self._vectors(words)
            real[: len(words)] = 1.0
        share = np.full((1, 1), 1.0 / np.sqrt(max(len(words), 1)), np.float32)
        found = self._model(READ, words=vectors, real=real, share=share)
        return TextScores(
            float(found["domain"][0, 0]),
            found["intents"][0],
            found["tags"][: len(words)],
            self._read.spans(text),
        )

    def _vectors(self, words: Sequence[Word]) -> list[Floats]:
        keys = [(word.hash, word.chars.tobytes()) for word in words]
        found = {key: self._known.get(key) for key in keys}
        new = {key: word for key, word in zip(keys, words, strict=True) if found[key] is None}
        if new:
            made = dict(zip(new, self._made(list(new.values())), strict=True))
            found.update(made)
            if len(self._known) + len(made) > _REMEMBERED:
                self._known = {}
            self._known.update(made)
        return [found[key] for key in keys]  # type: ignore[misc]

    def _made(self, words: Sequence[Word]) -> list[Floats]:
        forms = self._forms(np.array([word.chars for word in words]))
        return [
            np.concatenate([form, self._grams.total(word.grams) / np.float32(np.sqrt(len(word.grams)))])
            for word, form in zip(words, forms, strict=True)
        ]


@functools.lru_cache(maxsize=4)
def _word_reader(settings: EncoderSettings, folds: bytes) -> WordReader[Word]:
    """One for all domains whose texts are encoded alike: a request's words are hashed once."""
    return WordReader(settings, np.frombuffer(folds, np.uint16), list)
