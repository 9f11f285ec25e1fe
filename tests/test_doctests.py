"""The examples in docstrings say what the code does."""

import doctest
import importlib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
WITH_EXAMPLES = [
    ".".join(source.relative_to(ROOT).with_suffix("").parts)
    for source in sorted((ROOT / "components").rglob("*.py"))
    if ">>> " in source.read_text(encoding="utf-8")
]


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings(name):
    module = importlib.import_module(name)
    assert not doctest.testmod(module, optionflags=doctest.ELLIPSIS).failed
