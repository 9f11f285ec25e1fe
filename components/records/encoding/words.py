"""The words of an utterance and all that follows from a word's spelling, without TensorFlow."""

from collections.abc import Callable, Iterator, Sequence
from itertools import accumulate
from operator import mul
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
        width = settings.max_chars + 2
        self._powers = hashing.powers(width)
        self._back = [pow(hashing.BASE, -place, hashing.PRIME) for place in range(width)]

    def __call__(self, utterance: bytes) -> list[T]:
        """The words in order, at most `max_words` of them; bytes that are no UTF-8 are passed over."""
        text = utterance[:MAX_BYTES].decode(errors="ignore").translate(self._folds)
        words = [word for word in text.split(chr(fold.SEPARATOR)) if word][: self.settings.max_words]
        found = {word: self._known.get(word) for word in words}
        new = [word for word, known in found.items() if known is None]
        if new:
            read = dict(zip(new, self._describe([self._word(word) for word in new]), strict=True))
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

    def _word(self, spelt: str) -> Word:
        """All that follows from a spelling. Plain integers: a few at a time, they are quicker than arrays."""
        settings = self.settings
        points = [ord(character) for character in spelt[: settings.max_chars]]
        word_hash = sum(map(mul, points, self._powers)) % hashing.PRIME
        chars = np.zeros(settings.max_chars, np.int64)
        chars[: len(points)] = [point % (CHAR_IDS - 1) + 1 for point in points]
        grams = [hashing.bucket_of(word_hash, "word", settings.gram_buckets)]
        for window in self._windows([WORD_START, *points, WORD_END]):
            grams.append(hashing.bucket_of(window, "chars", settings.gram_buckets))
        row = hashing.bucket_of(word_hash, "word", settings.word_buckets)
        return Word(word_hash, row, chars, np.array(grams, np.int64))

    def _windows(self, marked: Sequence[int]) -> Iterator[int]:
        """The hash of each window of every length: a difference of prefix sums, moved back to BASE^0."""
        sums = list(accumulate(map(mul, marked, self._powers), initial=0))
        for size in self.settings.char_ngrams:
            own = size * pow(hashing.BASE, size, hashing.PRIME)
            for start in range(len(marked) - size + 1):
                yield ((sums[start + size] - sums[start]) * self._back[start] + own) % hashing.PRIME


class _Folds(dict[int, int | None]):
    """`fold_table` in the form that `str.translate` reads, filled as characters are met."""

    def __init__(self, table: npt.NDArray[np.integer]) -> None:
        super().__init__()
        self._table = table

    def __missing__(self, code_point: int) -> int | None:
        folded = int(self._table[code_point]) if code_point < fold.SIZE else code_point
        value = self[code_point] = None if folded == fold.DROPPED else folded
        return value
