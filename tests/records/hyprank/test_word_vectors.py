import numpy as np
import pytest

from components.records.hyprank.word_vectors import vector_of


def test_vectors_have_length_one_and_none_without_words():
    assert np.linalg.norm(vector_of(["Find restaurants"], 16)) == pytest.approx(1.0)
    assert not vector_of([], 16).any()
    assert not vector_of(["", "--", "_"], 16).any()


def test_the_same_words_in_any_spelling_and_order_are_the_same():
    for other in ("restaurants find", "find_restaurants", "FindRestaurants", "FIND  Restaurants"):
        np.testing.assert_allclose(vector_of([other], 48), vector_of(["find restaurants"], 48), atol=1e-6)


def test_texts_that_share_words_point_the_same_way():
    find, reserve, weather = (
        vector_of([text], 256)
        for text in ("find a restaurant table", "reserve a restaurant table", "rain tomorrow")
    )
    assert find @ reserve > 0.5 > 0.3 > abs(find @ weather)


def test_vectors_never_change():
    """They are in models that have been trained: a change here is a new format."""
    signs = np.where(vector_of(["restaurant"], 16) > 0, "+", "-")
    assert "".join(signs) == "+----++--+++++--"
