"""A candidate with the predictions that were recorded of it."""

import tempfile
from collections.abc import Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

import components.push.reproduce as reproduce_module
from components.push.candidate_server import candidates_config
from components.push.recorded import Recording, read_recording
from components.records.examples import encode, labelled_values, prediction_values
from components.records.label import Label, LabelledRequest
from components.records.ranked_system import RankedSystem, write_system
from components.records.request import Context, Request
from components.records.tfrecord import write_records
from components.records.version_folder import read_manifest
from components.router.compose import compose
from components.router.models import FolderModels
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.domain.world import CITIES
from tests.push.system import HYPRANK, TRAVEL, export_domain, export_hyprank, export_system
from tests.saved_models import NAMES, SKILLS, save_shortlister

RECORDED = 83
ANSWERED = 61


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
    return write_answers({"shortlister": candidate}, requests, folder, top=4)


def spoken(number: int) -> Request:
    """Every fifth request names its skill."""
    city = CITIES[number % 8]
    texts = (f"find a hotel in {city}", f"play {number} songs", f"book a room in {city} for {number} people")
    return Request(
        request_id=f"r{number}",
        utterance=texts[number % 3] if number % 5 else f"ask hotel 2 for somewhere in {city}",
        device=("tv", None)[number % 2],
        enabled_skills=("radio", "hotel_1")[: number % 3],
        context=Context(previous_skill=("oven", None, "radio")[number % 3]),
    )


def write_answers(
    models: Mapping[str, Path], requests: Sequence[Request], folder: Path, *, top: int = 10
) -> Path:
    """What a system answers to the requests, as a Predictions artifact."""
    answers = compose(FolderModels(models), requests, top=top)
    write_system(folder, RankedSystem(candidates=tuple(models)))
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


@pytest.fixture(scope="session")
def system(tmp_path_factory) -> dict[str, Path]:
    return export_system(tmp_path_factory.mktemp("system"))


@pytest.fixture(scope="session")
def others(tmp_path_factory) -> dict[str, Path]:
    """Models with other weights, of which nothing was recorded."""
    folder = tmp_path_factory.mktemp("others")
    return {
        TRAVEL: export_domain(folder / TRAVEL, "Travel & Co", seed=4),
        HYPRANK: export_hyprank(folder / HYPRANK, seed=6),
    }


@pytest.fixture(scope="session")
def answers(system, tmp_path_factory) -> Path:
    """What the system answers, as a Predictions artifact."""
    requests = [spoken(number) for number in range(ANSWERED)]
    return write_answers(system, requests, tmp_path_factory.mktemp("answers"))


@pytest.fixture(scope="session")
def recording(system, answers) -> Recording:
    return read_recording(answers, "test", 500, read_manifest(system["shortlister"]))


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
