"""BM25 over one document per skill, the peer of finding skills by their text (package bm25s)."""

from collections.abc import Sequence

import bm25s  # type: ignore[import-untyped]
import numpy as np
import numpy.typing as npt
from bm25s.tokenization import Tokenized  # type: ignore[import-untyped]

from components.records.text import tokens

Floats = npt.NDArray[np.float32]


class Bm25:
    """Lucene's BM25 with its default constants or others; no stop words, no stemming.

    Args:
        documents: Words of each skill.
        k1, b: Saturation of repeated words, and how much a document's length counts.
    """

    def __init__(self, documents: Sequence[Sequence[str]], *, k1: float = 1.2, b: float = 0.75) -> None:
        self._ids: dict[str, int] = {}
        self._documents = [
            [self._ids.setdefault(word, len(self._ids)) for word in words] for words in documents
        ]
        self._index = bm25s.BM25(k1=k1, b=b, method="lucene")
        self._index.index(Tokenized(self._documents, self._ids), show_progress=False)

    def scores(self, texts: Sequence[str]) -> Floats:
        """The score of every document for every text: [N, K]; 0 where no word is shared."""
        queries = [[self._ids[word] for word in tokens(text) if word in self._ids] for text in texts]
        return np.stack([self._of(query) for query in queries])

    def like(self, number: int) -> Floats:
        """The score of every document for document `number` as the query: [K]."""
        return self._of(self._documents[number])

    def neighbours(self, number: int, count: int) -> list[int]:
        """The other documents that document `number`, as a query, finds first."""
        found = np.argsort(-self.like(number), kind="stable")
        return [int(other) for other in found if other != number][:count]

    def _of(self, query: Sequence[int]) -> Floats:
        if not query:
            return np.zeros(len(self._documents), np.float32)
        scores: Floats = self._index.get_scores_from_ids(list(query))
        return scores
