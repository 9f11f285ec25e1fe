import doctest

import pytest

from components.evaluate import headlines, judgement, popularity
from components.evaluate.review import cards, dashboard, slice_table
from components.evaluate.review.charts import svg


@pytest.mark.parametrize(
    "module",
    [cards, dashboard, headlines, judgement, popularity, slice_table, svg],
    ids=lambda module: module.__name__,
)
def test_the_examples_in_the_docstrings_hold(module):
    failed, tried = doctest.testmod(module)
    assert tried > 0
    assert failed == 0
