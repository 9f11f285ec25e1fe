import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.reranker.independent import own_choice
from components.reranker.prior import weights_to
from tests.reranker.random_lists import random_lists


@given(st.lists(st.booleans(), min_size=2, max_size=29), st.floats(0.01, 0.99))
def test_own_lists_weigh_their_share(own, share):
    own = np.array(own)
    weights = weights_to(own, share)
    assert weights.mean() == pytest.approx(1.0)
    if own.any() and not own.all():
        assert weights[own].sum() / weights.sum() == pytest.approx(share)


def test_a_share_that_is_none_is_refused():
    with pytest.raises(ValueError, match="`share`"):
        weights_to(np.array([True, False]), 1.0)


@pytest.mark.parametrize("foreign", [0.01, 0.5, 2.0, 1e9])
def test_a_domain_keeps_its_own_requests_and_takes_as_many_others_as_it_likes(foreign):
    lists = random_lists(4, lists=97)
    found = own_choice(lists, foreign=foreign, rng=np.random.default_rng(0))
    own, others = int(lists.own.sum()), int((~lists.own).sum())
    assert int(found.own.sum()) == own
    assert int((~found.own).sum()) == min(max(round(foreign * own), 1), others)


def test_a_sample_of_nothing_is_refused():
    with pytest.raises(ValueError, match="`foreign`"):
        own_choice(random_lists(4), foreign=0.0, rng=np.random.default_rng(0))
