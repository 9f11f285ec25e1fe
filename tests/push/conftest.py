"""A candidate with the predictions that were recorded of it."""

from pathlib import Path

import pytest

from components.records.examples import encode, labelled_values, prediction_values
from components.records.label import Label, LabelledRequest
from components.records.request import Request
from components.records.tfrecord import write_records
from components.router.compose import compose
from components.router.models import FolderModels
from tests.saved_models import SKILLS, save_shortlister

RECORDED = 83


@pytest.fixture(scope="session")
def candidate(tmp_path_factory) -> Path:
    return save_shortlister(tmp_path_factory.mktemp("candidate"))


@pytest.fixture(scope="session")
def other(tmp_path_factory) -> Path:
    """A model with other weights, of which nothing was recorded."""
    return save_shortlister(tmp_path_factory.mktemp("other"), bonus=3.01)


@pytest.fixture(scope="session")
def predictions(candidate, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("predictions")
    requests = [
        Request(request_id=f"r{n}", utterance=f"words {n}", enabled_skills=SKILLS[: n % 4], skill_id="uber")
        for n in range(RECORDED)
    ]
    answers = compose(FolderModels(candidate), requests, top=4)
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
