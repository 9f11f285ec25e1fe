import numpy as np

from components.shortlister.layers.spread import places_among, spread


def test_values_land_in_their_columns_and_repeats_count_once():
    values = np.array([[1.0, 2.0, 7.0], [3.0, 3.0, 9.0]], np.float32)
    found = spread(np.array([[4, 1, 0], [2, 2, 0]]), values, 5)
    np.testing.assert_array_equal(found, [[2, 0, 0, 1, 0], [0, 3, 0, 0, 0]])


def test_an_empty_list_is_all_zeros():
    assert not np.asarray(spread(np.zeros((2, 0), np.int32), np.zeros((2, 0), np.float32), 3)).any()


def test_places_among_chosen_skills():
    enabled = np.array([[1, 3, 0], [5, 2, 6]])  # skills 0 and 2; 4, 1 and 5
    np.testing.assert_array_equal(places_among(np.array([5, 0, 1]), enabled, 6), [[2, 0, 0], [0, 3, 1]])
