"""A workspace with the tiny Shortlister in service as version 4, and a server of it."""

import shutil
from pathlib import Path

import pytest

from components.records.models_config import MODELS_CONFIG, ModelConfig, write_models_config
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.saved_models import NAMES, save_shortlister


def put_in_service(work: Path, version_dir: Path, version: int) -> None:
    base = work / "serving" / "shortlister"
    shutil.copytree(version_dir, base / str(version))
    config = ModelConfig(
        name="shortlister", base_path=str(base), versions=(version,), labels={"stable": version}
    )
    write_models_config(work / "serving" / MODELS_CONFIG, (config,))


@pytest.fixture(scope="session")
def shortlister(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("shortlister")
    return save_shortlister(folder, reject_above=-3.0, names=NAMES, named_confidence=0.9)


@pytest.fixture(scope="session")
def work(shortlister, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("work")
    put_in_service(folder, shortlister, 4)
    return folder


@pytest.fixture(scope="session")
def server_address(work):
    options = ServerOptions(
        port=0,
        model_config_file=str(work / "serving" / MODELS_CONFIG),
        allow_version_labels_for_unavailable_models=True,
    )
    with ModelServer.start(options) as server:
        yield server.address
