from pathlib import Path
from typing import NamedTuple

import pytest
from tfx.types import standard_artifacts

from components.domain.executor import Executor
from components.domain.options import DomainOptions
from components.records.artifact_files import CATALOGUE
from components.records.artifacts import CatalogueArtifact, DomainModels, DomainRuns
from components.records.catalogue import write_catalogue
from components.records.domain_signature import domain_model
from components.records.label import LabelledRequest
from components.records.manifest import Manifest
from components.records.parse import to_json
from components.records.skill import Skill
from components.records.version_folder import read_manifest
from tests.domain.world import SKILLS, write_examples
from tests.made_once import made_once

SMALL = DomainOptions(
    epochs=6,
    least_foreign=60,
    learning_rate=0.01,
    batch_size=16,
    gram_size=16,
    form_size=8,
    hidden_size=24,
    gram_buckets=512,
)


class TrainedWorld(NamedTuple):
    """The domain models of the small world, as the node leaves them.

    Attributes:
        examples: What they were trained on.
        dev: Its dev requests.
        models, runs: The node's artifacts.
        folders: The version folder of each domain that has one.
        manifests: Likewise.
    """

    examples: Path
    dev: list[LabelledRequest]
    models: Path
    runs: Path
    folders: dict[str, Path]
    manifests: dict[str, Manifest]


def artifact(kind: type, uri: Path) -> object:
    made = kind()
    made.uri = str(uri)
    return made


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> TrainedWorld:
    return made_once(tmp_path_factory, "domains", _train)


def _train(root: Path) -> TrainedWorld:
    dev = write_examples(root / "examples")
    write_catalogue(root / CATALOGUE, [*SKILLS, Skill(skill_id="oven", domain="Kitchen")])
    inputs = {
        "examples": [artifact(standard_artifacts.Examples, root / "examples")],
        "catalogue": [artifact(CatalogueArtifact, root)],
    }
    outputs = {
        "models": [artifact(DomainModels, root / "models")],
        "runs": [artifact(DomainRuns, root / "runs")],
    }
    context = Executor.Context(beam_pipeline_args=["--runner=FnApiRunner"])
    Executor(context).Do(inputs, outputs, {"options": to_json(SMALL).decode(), "domains": "[]"})
    folders = {domain: root / "models" / domain_model(domain) for domain in ("Music", "Travel & Co")}
    manifests = {domain: read_manifest(folder) for domain, folder in folders.items()}
    return TrainedWorld(root / "examples", dev, root / "models", root / "runs", folders, manifests)
