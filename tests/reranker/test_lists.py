import dataclasses

import numpy as np
import pytest

from components.reranker.lists import Lists
from tests.reranker.random_lists import random_lists

LISTS = Lists(
    features=np.arange(10.0).reshape(5, 2),
    starts=np.array([0, 2, 3]),
    semer=np.zeros(5),
    right=np.array([True, False, False, False, True]),
    own=np.array([True, False, True]),
    weight=np.ones(3),
)


def test_totals_and_spreads_by_hand():
    assert LISTS.sizes.tolist() == [2, 1, 2]
    assert LISTS.total(np.arange(5.0)).tolist() == [1.0, 2.0, 7.0]
    assert LISTS.most(np.array([3.0, 1.0, 2.0, 5.0, 4.0])).tolist() == [3.0, 2.0, 5.0]
    assert LISTS.spread(np.array([7.0, 8.0, 9.0])).tolist() == [7.0, 7.0, 8.0, 9.0, 9.0]


def test_the_best_is_the_first_of_equals():
    assert LISTS.best(np.array([1.0, 1.0, -5.0, 2.0, 3.0])).tolist() == [0, 2, 4]


def test_lists_are_taken_whole_in_any_order_and_number():
    taken = LISTS.take(np.array([2, 0, 2]))
    assert taken.features[:, 0].tolist() == [6.0, 8.0, 0.0, 2.0, 6.0, 8.0]
    assert taken.starts.tolist() == [0, 2, 4]
    assert taken.right.tolist() == [False, True, True, False, False, True]


def test_no_lists_at_all():
    none = random_lists(0).take(np.zeros(0, np.int64))
    assert len(none) == 0
    assert (
        none.total(np.zeros(0)).tolist()
        == none.most(np.zeros(0)).tolist()
        == none.best(np.zeros(0)).tolist()
        == []
    )


@pytest.mark.parametrize(
    ("change", "name"),
    [
        ({"starts": np.array([0, 2, 2])}, "starts"),
        ({"starts": np.array([1, 2, 3])}, "starts"),
        ({"starts": np.array([0, 2, 5])}, "starts"),
        ({"semer": np.zeros(4)}, "semer"),
        ({"own": np.ones(2, bool)}, "own"),
        ({"weight": np.array([1.0, -1.0, 1.0])}, "weight"),
        ({"features": np.full((5, 2), np.inf)}, "features"),
        ({"features": np.zeros(5)}, "features"),
    ],
)
def test_what_is_no_lists_is_refused(change, name):
    with pytest.raises(ValueError, match=f"`{name}`"):
        dataclasses.replace(LISTS, **change)
