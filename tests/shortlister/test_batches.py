import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from components.shortlister.batches import random_lists, shuffled_batches, sorted_batches
from components.shortlister.ragged import Ragged
from tests.shortlister.world import bare_corpus


def corpus(lengths):
    """A corpus of which only the number of words matters."""
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    return bare_corpus(len(lengths), words=Ragged(np.ones(starts[-1], np.int32), starts))


@given(st.lists(st.integers(0, 9), max_size=300), st.integers(1, 7), st.integers(0, 3))
def test_every_row_once(lengths, size, seed):
    rows = np.arange(len(lengths))[::2]
    made = corpus(lengths)
    for batches in (
        shuffled_batches(made, rows, size=size, rng=np.random.default_rng(seed)),
        (rows[places] for places in sorted_batches(made, rows, size=size)),
    ):
        found = list(batches)
        assert all(1 <= len(batch) <= size for batch in found)
        assert sorted(np.concatenate([*found, rows[:0]]).tolist()) == rows.tolist()


def test_batches_hold_similar_lengths_and_seeds_repeat():
    made = corpus(np.random.default_rng(1).integers(1, 100, 1000))
    batches = [
        list(shuffled_batches(made, np.arange(1000), size=20, rng=np.random.default_rng(s)))
        for s in (1, 1, 2)
    ]
    spread = [np.ptp(made.words.lengths[batch]) for batch in batches[0]]
    assert max(spread) < 10
    assert all((a == b).all() for a, b in zip(batches[0], batches[1], strict=True))
    assert any((a != b).any() for a, b in zip(batches[0], batches[2], strict=True))


def test_share_of_random_lists():
    made, rows = corpus([1] * 2000), np.arange(2000)
    rng = np.random.default_rng(1)
    assert (random_lists(made, rows, share=0.0, rng=rng) == rows).all()
    assert 0.45 < (random_lists(made, rows, share=0.5, rng=rng) != rows).mean() < 0.55
