"""A candidate with the predictions that were recorded of it."""

import tempfile
from contextlib import contextmanager
from pathlib import Path

import pytest

import components.push.reproduce as reproduce_module
from components.push.candidate_server import candidates_config
from components.records.examples import encode, labelled_values, prediction_values
from components.records.label import Label, LabelledRequest
from components.records.request import Request
from components.records.tfrecord import write_records
from components.router.compose import compose
from components.router.models import FolderModels
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.saved_models import NAMES, SKILLS, save_shortlister

RECORDED = 83


def said(number: int) -> str:
    """Every third request names its skill."""
    return f"words {number}" if number % 3 else f"ask {SKILLS[number % 5]} for words {number}"


@pytest.fixture(scope="session")
def candidate(tmp_path_factory) -> Path:
    return save_shortlister(tmp_path_factory.mktemp("candidate"), names=NAMES, named_confidence=0.9)


@pytest.fixture(scope="session")
def other(tmp_path_factory) -> Path:
    """A model with other weights, of which nothing was recorded."""
    return save_shortlister(tmp_path_factory.mktemp("other"), bonus=3.01, names=NAMES, named_confidence=0.9)


@pytest.fixture(scope="session")
def predictions(candidate, tmp_path_factory) -> Path:
    return write_predictions(candidate, tmp_path_factory.mktemp("predictions"))


def write_predictions(candidate: Path, folder: Path) -> Path:
    """What the candidate answers to `RECORDED` requests, as a Predictions artifact."""
    requests = [
        Request(request_id=f"r{n}", utterance=said(n), enabled_skills=SKILLS[: n % 4], skill_id="uber")
        for n in range(RECORDED)
    ]
    answers = compose(FolderModels({"shortlister": candidate}), requests, top=4)
    write_records(
        folder / "Split-test" / "predictions-00000-of-00001.gz",
        (
            encode(
                labelled_values(LabelledRequest(request=request, label=Label(text=request.utterance)))
                | prediction_values(answer)
            )
            for request, answer in zip(requests, answers, strict=True)
        ),
    )
    return folder


@pytest.fixture
def in_process(monkeypatch):
    """The candidate's server without the seconds that a process needs to import TensorFlow."""

    @contextmanager
    def serve(candidates):
        with tempfile.TemporaryDirectory() as base:
            options = ServerOptions(
                port=0,
                model_config_file=str(candidates_config(candidates, Path(base))),
                max_num_load_retries=0,
                use_saved_model=True,
            )
            with ModelServer.start(options) as server:
                yield server.address

    monkeypatch.setattr(reproduce_module, "candidate_server", serve)
