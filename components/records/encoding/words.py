"""The words of an utterance and all that follows from a word's spelling, without TensorFlow."""

from collections.abc import Callable, Sequence
from typing import Generic, NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from components.records.encoding import fold, hashing
from components.records.encoding.limits import CHAR_IDS, MAX_BYTES, WORD_END, WORD_START
from components.records.encoding.settings import EncoderSettings

Ints = npt.NDArray[np.int64]
T = TypeVar("T")

_REMEMBERED = 2048  # words; beyond them memory would grow with the traffic


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
        self._known: dict[str, T] = {}
        self._powers = [np.array(hashing.powers(n + 1), np.int64) for n in settings.char_ngrams]
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
            if len(self._known) + len(read) > _REMEMBERED:
                self._known = {}
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
        grams = np.concatenate(
            [
                hashing.bucket_of(hashes, "word", self.settings.gram_buckets)[:, None],
                *(self._grams(marked, lengths, n) for n in range(len(self._powers))),
            ],
            axis=1,
        )  # [N, windows of all lengths], 0 = past the word's end
        return [
            Word(word_hash, row, chars[i], grams[i][grams[i] > 0])
            for i, (word_hash, row) in enumerate(zip(hashes.tolist(), rows.tolist(), strict=True))
        ]

    def _grams(self, marked: Ints, lengths: Ints, n: int) -> Ints:
        """The ids of the windows of the n-th length, 0 for those past a word's end: [N, windows]."""
        size, powers = self.settings.char_ngrams[n], self._powers[n]
        windows = max(marked.shape[1] + 1 - size, 0)
        hashes = np.full((len(marked), windows), size * powers[size])
        for j in range(size if windows else 0):
            hashes += marked[:, j : j + windows] * powers[j]
        ids = hashing.bucket_of(hashes % hashing.PRIME, "chars", self.settings.gram_buckets)
        kept: Ints = np.where(np.arange(size, size + windows) <= lengths[:, None] + 2, ids, 0)
        return kept


class _Folds(dict[int, int | None]):
    """`fold_table` in the form that `str.translate` reads, filled as characters are met."""

    def __init__(self, table: npt.NDArray[np.integer]) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, code_point: int) -> int | None:
        folded = int(self._table[code_point]) if code_point < fold.SIZE else code_point
        value = self[code_point] = None if folded == fold.DROPPED else folded
        return value
