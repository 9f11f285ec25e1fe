"""One SavedModel and one running server for all tests of this folder that change neither."""

import shutil
from pathlib import Path

import pytest

from components.records.serving_client import ServingClient
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.saved_models import save_scaler


@pytest.fixture(scope="session")
def scaler(tmp_path_factory) -> Path:
    """A SavedModel that doubles."""
    return save_scaler(tmp_path_factory.mktemp("scaler"))


@pytest.fixture(scope="session")
def tripler(tmp_path_factory) -> Path:
    """A SavedModel that triples."""
    return save_scaler(tmp_path_factory.mktemp("tripler"), factor=3.0)


@pytest.fixture(scope="session")
def server(scaler, tmp_path_factory):
    """A server of model `scaler`, version 7."""
    base = tmp_path_factory.mktemp("base")
    shutil.copytree(scaler, base / "7")
    options = ServerOptions(port=0, model_name="scaler", model_base_path=str(base))
    with ModelServer.start(options) as running:
        yield running


@pytest.fixture(scope="session")
def client(server):
    with ServingClient(server.address) as connected:
        yield connected
