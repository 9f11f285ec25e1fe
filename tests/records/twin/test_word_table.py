"""A sparse table of words and skills."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.twin.word_table import WordTable

WORDS, OWNERS = np.array([3, 2, 3, 6]), np.array([4, 1, 0, 4])
WEIGHTS = np.array([0.5, 1.25, 2.0, 4.0])


def table(skills=5):
    return WordTable.of(WORDS, OWNERS, WEIGHTS, buckets=7, skills=skills)


def test_words_add_up_and_one_that_comes_twice_counts_twice():
    np.testing.assert_array_equal(table().scores([3, 2, 3], 5), [4.0, 1.25, 0.0, 0.0, 1.0])


@pytest.mark.parametrize("words", [[], [0], [1, 5]])
def test_words_without_an_entry_add_nothing(words):
    np.testing.assert_array_equal(table().scores(words, 5), np.zeros(5))


@given(st.integers(0, 2**32 - 1), st.integers(1, 9), st.integers(0, 40))
def test_the_scores_are_those_of_the_matrix(seed, skills, entries):
    rng = np.random.default_rng(seed)
    places = rng.permutation(11 * skills)[:entries]
    words, owners = np.divmod(places, skills)
    weights = rng.integers(1, 64, len(places)) / 16  # float16 holds these
    matrix = np.zeros((11, skills))
    matrix[words, owners] = weights
    made = WordTable.of(words, owners, weights, buckets=11, skills=skills)
    asked = rng.integers(0, 11, 6)
    np.testing.assert_allclose(made.scores(asked.tolist(), skills), matrix[asked].sum(axis=0))
    np.testing.assert_array_equal(np.sort(words), made.words())


def test_files(tmp_path):
    table().write(tmp_path / "lexicon")
    for found, expected in zip(WordTable.open(tmp_path / "lexicon"), table(), strict=True):
        np.testing.assert_array_equal(found, expected)
        assert found.dtype == expected.dtype


@pytest.mark.parametrize(("skills", "kind"), [(1 << 16, np.uint16), ((1 << 16) + 1, np.int32)])
def test_two_bytes_a_skill_as_long_as_they_do(skills, kind):
    assert table(skills).skills.dtype == kind
