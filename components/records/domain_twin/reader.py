"""Scores of a request's domain, intents and tags, without TensorFlow."""

import functools
import math
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.records.domain_twin.spec import DomainTwinSpec, reading
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.words import Word, WordReader
from components.records.twin.forms import Forms
from components.records.twin.litert import LiteRt
from components.records.twin.row_table import RowTable
from components.records.twin.spec import FOLDS, FORMS, GRAMS
from components.records.version_folder import TWIN

Floats = npt.NDArray[np.float32]

_REMEMBERED = 2048  # words; beyond them memory would grow with the traffic
_TEXTS = 64  # that are remembered for the domains which read them next


class _Text(NamedTuple):
    """What every domain reads of a text: its words, a key for each, and where each begins and ends."""

    words: list[Word]
    keys: list[tuple[int, bytes]]
    spans: list[tuple[int, int]]


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
        self._read = _text_reader(spec.text, np.load(folder / FOLDS).tobytes())
        self._lengths = spec.lengths
        self._known: dict[tuple[int, bytes], Floats] = {}

    def __call__(self, text: bytes) -> TextScores:
        read = self._read(text)
        number = len(read.words)
        length = next(length for length in self._lengths if number <= length)
        vectors = np.zeros((length, self._forms.size + self._grams.rows.shape[1]), np.float32)
        real = np.zeros((length, 1), np.float32)
        if number:
            vectors[:number] = self._vectors(read)
            real[:number] = 1.0
        share = np.full((1, 1), 1.0 / math.sqrt(max(number, 1)), np.float32)
        found = self._model(reading(length), words=vectors, real=real, share=share)
        return TextScores(
            float(found["domain"][0, 0]), found["intents"][0], found["tags"][:number], read.spans
        )

    def _vectors(self, read: _Text) -> Floats:
        """The vectors of a text's words: [W, D]."""
        found = {key: self._known.get(key) for key in read.keys}
        new = {key: word for key, word in zip(read.keys, read.words, strict=True) if found[key] is None}
        if new:
            made = dict(zip(new, self._made(list(new.values())), strict=True))
            found.update(made)
            if len(self._known) + len(made) > _REMEMBERED:
                self._known = {}
            self._known.update(made)
        vectors: Floats = np.concatenate([found[key] for key in read.keys])
        return vectors.reshape(len(read.keys), -1)

    def _made(self, words: Sequence[Word]) -> list[Floats]:
        forms = self._forms(np.array([word.chars for word in words]))
        return [
            np.concatenate([form, self._grams.total(word.grams) / np.float32(np.sqrt(len(word.grams)))])
            for word, form in zip(words, forms, strict=True)
        ]


@functools.lru_cache(maxsize=4)
def _text_reader(settings: EncoderSettings, folds: bytes) -> Callable[[bytes], _Text]:
    """One for all domains whose texts are encoded alike: a text is split and hashed once for all of them."""
    reader: WordReader[Word] = WordReader(settings, np.frombuffer(folds, np.uint16), list)

    @functools.lru_cache(maxsize=_TEXTS)
    def read(text: bytes) -> _Text:
        words = reader(text)
        return _Text(words, [(word.hash, word.chars.tobytes()) for word in words], reader.spans(text))

    return read
