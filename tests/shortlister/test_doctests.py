import doctest

import pytest

from components.records.encoding import fold, hashing
from components.shortlister import loss, negatives, options


@pytest.mark.parametrize("module", [fold, hashing, loss, negatives, options])
def test_examples_in_docstrings(module):
    result = doctest.testmod(module)
    assert result.attempted
    assert not result.failed
