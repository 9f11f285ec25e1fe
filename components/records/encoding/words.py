"""The words of an utterance and all that follows from a word's spelling, without TensorFlow."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from components.records.encoding import fold, hashing
from components.records.encoding.limits import CHAR_IDS, MAX_BYTES, WORD_END, WORD_START
from components.records.encoding.recent import Recent
from components.records.encoding.settings import EncoderSettings

Ints = npt.NDArray[np.int64]
T = TypeVar("T")

_REMEMBERED = 2048  # words at least, and at most twice as many: memory must not grow with the traffic


class Word(NamedTuple):
    """What the network reads of a word.

    Attributes:
        hash: Of its code points.
        row: In the word table.
        chars: Character ids, padded with 0: [max_chars].
        grams: Rows in the n-gram table: of the word itself, then of its character n-grams.
    """

    hash: int
    row: int
    chars: Ints
    grams: Ints


class WordReader(Generic[T]):
    """Splits utterances into words; a word met before is not worked out again.

    Safe to call from many threads.

    Args:
        settings: Of the encoder.
        table: `fold_table()`, or the one that a model was exported with.
        describe: What to make of new words, all that an utterance has at once, and to remember of each.
    """

    def __init__(
        self,
        settings: EncoderSettings,
        table: npt.NDArray[np.integer],
        describe: Callable[[Sequence[Word]], Sequence[T]],
    ) -> None:
        self.settings = settings
        self._describe = describe
        self._folds = _Folds(table)
        self._known: Recent[str, T] = Recent(_REMEMBERED)
        self._windows = _Windows.of(settings.max_chars + 2, settings.char_ngrams)
        self._word_powers = np.array(hashing.powers(settings.max_chars), np.int64)

    def __call__(self, utterance: bytes) -> list[T]:
        """The words in order, at most `max_words` of them; bytes that are no UTF-8 are passed over."""
        text = utterance[:MAX_BYTES].decode(errors="ignore").translate(self._folds)
        words = [word for word in text.split(chr(fold.SEPARATOR)) if word][: self.settings.max_words]
        found = {word: self._known.get(word) for word in words}
        new = [word for word, known in found.items() if known is None]
        if new:
            read = dict(zip(new, self._describe(self._read(new)), strict=True))
            found.update(read)
            self._known.update(read)
        return [found[word] for word in words]  # type: ignore[misc]

    def spans(self, utterance: bytes) -> list[tuple[int, int]]:
        """Where each of the words begins and ends, in code points; bytes that are no UTF-8 do not count."""
        found: list[tuple[int, int]] = []
        start = end = 0
        for place, character in enumerate(utterance[:MAX_BYTES].decode(errors="ignore")):
            folded = self._folds[ord(character)]
            if folded is None:
                continue
            if folded != fold.SEPARATOR:
                start, end = (start if end else place), place + 1
            elif end:
                found.append((start, end))
                start = end = 0
        if end:
            found.append((start, end))
        return found[: self.settings.max_words]

    def _read(self, spelt: Sequence[str]) -> list[Word]:
        size = self.settings.max_chars
        padded = "".join(word[:size].ljust(size, "\0") for word in spelt)
        points = np.frombuffer(padded.encode("utf-32-le"), np.uint32).reshape(-1, size).astype(np.int64)
        lengths = np.count_nonzero(points, axis=1)  # [N]
        hashes = points @ self._word_powers % hashing.PRIME  # [N]
        rows = hashing.bucket_of(hashes, "word", self.settings.word_buckets)
        chars = np.where(points > 0, points % (CHAR_IDS - 1) + 1, 0)  # [N, max_chars]
        marked = np.zeros((len(spelt), size + 2), np.int64)
        marked[:, 0], marked[:, 1:-1] = WORD_START, points
        marked[np.arange(len(spelt)), lengths + 1] = WORD_END
        grams = hashing.bucket_of(self._windows.hashes(marked), "chars", self.settings.gram_buckets)
        whole = hashing.bucket_of(hashes, "word", self.settings.gram_buckets)
        inside = self._windows.ends <= lengths[:, None] + 2  # [N, windows of all lengths]
        return [
            Word(word_hash, row, chars[i], np.concatenate([whole[i : i + 1], grams[i, inside[i]]]))
            for i, (word_hash, row) in enumerate(zip(hashes.tolist(), rows.tolist(), strict=True))
        ]


class _Windows(NamedTuple):
    """All character windows of a marked word at once: shapes C characters, V windows of every length.

    Attributes:
        weights: [C, V], what each character counts in the hash of each window.
        constant: [V], what the window's length counts.
        ends: [V], the place behind the last character of each window.
    """

    weights: Ints
    constant: Ints
    ends: Ints

    @classmethod
    def of(cls, width: int, sizes: Sequence[int]) -> "_Windows":
        """The windows of these sizes within `width` characters."""
        spans = [(start, size) for size in sizes for start in range(width - size + 1)]
        weights = np.zeros((width, len(spans)), np.int64)
        for number, (start, size) in enumerate(spans):
            weights[start : start + size, number] = hashing.powers(size)
        constant = np.array([size * hashing.powers(size + 1)[size] for _, size in spans], np.int64)
        return cls(weights, constant, np.array([start + size for start, size in spans], np.int64))

    def hashes(self, marked: Ints) -> Ints:
        """The hash of every window of these words [N, C]: [N, V]."""
        hashes: Ints = (marked @ self.weights + self.constant) % hashing.PRIME
        return hashes


class _Folds(dict[int, int | None]):
    """`fold_table` in the form that `str.translate` reads, filled as characters are met."""

    def __init__(self, table: npt.NDArray[np.integer]) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, code_point: int) -> int | None:
        folded = int(self._table[code_point]) if code_point < fold.SIZE else code_point
        value = self[code_point] = None if folded == fold.DROPPED else folded
        return value
