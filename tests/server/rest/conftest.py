"""A model that runs without TensorFlow."""

import pytest

from components.records.servable import Servable
from tests.saved_models import export_shortlister


@pytest.fixture(scope="session")
def twin(tmp_path_factory):
    """A Shortlister's twin; its folder is version 1 of a model."""
    return Servable.load(export_shortlister(tmp_path_factory.mktemp("twin") / "1"))
