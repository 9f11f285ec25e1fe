"""In which order, and in which company, requests are trained on."""

from collections.abc import Iterator

import numpy as np

from components.shortlister.corpus import Corpus, Rows

_WINDOW = 50  # batches that are sorted by length together


def shuffled_batches(corpus: Corpus, rows: Rows, *, size: int, rng: np.random.Generator) -> Iterator[Rows]:
    """Every row once, in random batches of requests of similar length, so that little is padded.

    The rows are shuffled; each window of 50 batches is sorted by length and cut; the batches of a window
    come in random order.
    """
    order = rng.permutation(rows)
    lengths = corpus.words.lengths
    for start in range(0, len(order), size * _WINDOW):
        window = order[start : start + size * _WINDOW]
        window = window[np.argsort(lengths[window], kind="stable")]
        cuts = range(0, len(window), size)
        for cut in rng.permutation(len(cuts)):
            yield window[cuts[cut] : cuts[cut] + size]


def sorted_batches(corpus: Corpus, rows: Rows, *, size: int) -> Iterator[Rows]:
    """Every place in `rows` once, by the length of the row that stands there."""
    order = np.argsort(corpus.words.lengths[rows], kind="stable")
    for start in range(0, len(order), size):
        yield order[start : start + size]


def random_lists(corpus: Corpus, rows: Rows, *, share: float, rng: np.random.Generator) -> Rows:
    """For each row, the row whose enabled list it is trained with: its own, or for a `share` another's.

    Kim & Kim (2018), https://arxiv.org/abs/1812.07546: with a random list half of the time, enablement stays
    a hint. The random list is a real one, of any request of the corpus.
    """
    swapped = rng.random(len(rows)) < share
    return np.where(swapped, rng.integers(0, len(corpus), len(rows)), rows)
