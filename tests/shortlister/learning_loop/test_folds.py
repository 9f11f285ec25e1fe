import numpy as np

from components.shortlister.learning_loop.folds import second_half
from components.shortlister.ragged import Ragged


class Texts:
    """A corpus of which only the words are asked for."""

    def __init__(self, rows):
        self.words = Ragged.pack(np.array(rows, np.int32))


def test_equal_texts_are_in_one_half_and_the_halves_are_even():
    rng = np.random.default_rng(1)
    rows = rng.integers(1, 9, (400, 3))
    half = second_half(Texts(rows))
    assert 150 < half.sum() < 250
    for row in np.unique(rows, axis=0):
        assert len(set(half[(rows == row).all(axis=1)])) == 1
    np.testing.assert_array_equal(second_half(Texts(rows[::-1])), half[::-1])


def test_no_requests():
    assert second_half(Texts(np.zeros((0, 1)))).shape == (0,)
