from pathlib import Path

import pytest
from tfx.types import artifact_utils, channel_utils, standard_artifacts

from components.records.artifacts import (
    CatalogueArtifact,
    Distillation,
    NegativeLabels,
    PseudoLabels,
    SemiLabels,
)
from components.records.catalogue import write_catalogue
from components.records.version_folder import SAVED_MODEL
from components.shortlister.component import ShortlisterTrainer
from components.shortlister.executor import Executor
from tests.shortlister.world import CATALOGUE, write_toy

LOOP = {
    "pseudo_labels": PseudoLabels,
    "negatives": NegativeLabels,
    "distillation": Distillation,
    "semi_labels": SemiLabels,
}


def artifact(kind, folder: Path):
    made = kind()
    made.uri = str(folder)
    folder.mkdir(parents=True, exist_ok=True)
    return made


def test_interface():
    node = ShortlisterTrainer(
        examples=channel_utils.as_channel([standard_artifacts.Examples()]),
        catalogue=channel_utils.as_channel([CatalogueArtifact()]),
        options='{"epochs": 2}',
    )
    assert node.outputs["model"].type is standard_artifacts.Model
    assert node.outputs["model_run"].type is standard_artifacts.ModelRun
    for name, kind in LOOP.items():
        assert node.outputs[name].type is kind


@pytest.mark.parametrize("options", ['{"epoch": 2}', '{"epochs": 0}', "[]", "{"])
def test_bad_options_are_refused_when_the_graph_is_built(options):
    with pytest.raises(ValueError, match="`options` must be JSON of ShortlisterOptions"):
        ShortlisterTrainer(
            examples=channel_utils.as_channel([standard_artifacts.Examples()]),
            catalogue=channel_utils.as_channel([CatalogueArtifact()]),
            options=options,
        )


def test_executor_leaves_a_servable_model(tmp_path):
    examples = artifact(standard_artifacts.Examples, tmp_path / "examples")
    examples.split_names = artifact_utils.encode_split_names(["train", "dev"])
    write_toy(tmp_path / "examples", train=40, dev=10)
    catalogue = artifact(CatalogueArtifact, tmp_path / "catalogue")
    write_catalogue(tmp_path / "catalogue/catalogue.jsonl", CATALOGUE)
    model = artifact(standard_artifacts.Model, tmp_path / "model")
    model_run = artifact(standard_artifacts.ModelRun, tmp_path / "run")
    Executor().Do(
        {"examples": [examples], "catalogue": [catalogue]},
        {"model": [model], "model_run": [model_run]}
        | {name: [artifact(kind, tmp_path / name)] for name, kind in LOOP.items()},
        {"options": '{"epochs": 1, "gram_buckets": 64}'},
    )
    assert (tmp_path / "model/Format-Serving" / SAVED_MODEL).is_file()
    assert (tmp_path / "run/training.json").is_file()
    for name in LOOP:
        assert (tmp_path / name / "report.json").is_file()
