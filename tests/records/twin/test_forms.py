"""Forms of words from their characters, in NumPy."""

import numpy as np
import pytest

from components.records.twin.forms import Forms

RNG = np.random.default_rng(7)
IDS, SIZE, FILTERS, WIDTH, LONGEST = 31, 24, 64, 3, 13


@pytest.fixture
def forms():
    def drawn(*shape):
        return RNG.normal(size=shape).astype(np.float32)

    return Forms(drawn(IDS, SIZE), drawn(WIDTH * SIZE, FILTERS), drawn(FILTERS))


@pytest.fixture
def chars():
    """101 words of 0 to 13 characters, padded to 17."""
    words = np.zeros((101, 17), np.int64)
    for row in words[1:]:
        length = RNG.integers(1, LONGEST + 1)
        row[:length] = RNG.integers(1, IDS, length)
    return words


def test_a_form_is_the_largest_answer_of_each_filter(forms, chars):
    for word, form in zip(chars, forms(chars), strict=True):
        length = np.count_nonzero(word)
        padded = np.zeros((length + 2, SIZE), np.float32)
        padded[1 : length + 1] = forms._table[word[:length]]
        answers = [padded[i : i + WIDTH].reshape(-1) @ forms._kernel + forms._bias for i in range(length)]
        np.testing.assert_allclose(form, np.max([*answers, np.zeros(FILTERS)], axis=0), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("together", [2, 3, 5, 37, 101])
def test_a_form_is_the_same_to_the_last_bit_in_any_company(forms, chars, together):
    alone = np.concatenate([forms(word[None]) for word in chars])
    found = [forms(chars[start : start + together]) for start in range(0, len(chars), together)]
    np.testing.assert_array_equal(np.concatenate(found), alone)
