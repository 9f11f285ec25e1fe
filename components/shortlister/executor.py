"""The work of `ShortlisterTrainer` and `SkillChanger`: paths in, a pure function, paths out."""

import logging
from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.records.artifact_files import CATALOGUE
from components.records.artifacts import Artifacts, copy_growth, folder_of, grew_from, version_folder_of
from components.records.catalogue import read_catalogue
from components.records.options import read_options
from components.records.skill_change import SkillChange
from components.shortlister.expand.run import Folders, change_skills
from components.shortlister.learning_loop.artifacts import LoopFolders
from components.shortlister.options import ShortlisterOptions
from components.shortlister.run import train_shortlister
from components.shortlister.warm_start import Parent


class Executor(base_executor.BaseExecutor):
    """Runs one training. See `ShortlisterTrainer` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        checkpoints = exec_properties.get("checkpoints_dir")
        catalogue = folder_of(input_dict, "catalogue") / CATALOGUE
        train_shortlister(
            folder_of(input_dict, "examples"),
            read_catalogue(catalogue),
            read_options(exec_properties["options"], ShortlisterOptions),
            version_folder=version_folder_of(output_dict, "model"),
            run_folder=folder_of(output_dict, "model_run"),
            loop_folders=LoopFolders(
                **{
                    name: folder_of(output_dict, name)
                    for name in ("pseudo_labels", "negatives", "distillation", "semi_labels")
                }
            ),
            parent=_parent(input_dict),
            checkpoints=Path(checkpoints) if checkpoints else None,
            lineage={name: f"artifact {artifacts[0].id}" for name, artifacts in input_dict.items()},
            report=logging.getLogger(__name__).info,
        )


def _parent(input_dict: Artifacts) -> Parent | None:
    """The model to go on from: one of the same dataset before it grew."""
    if not input_dict.get("parent_model"):
        return None
    now, then = (artifact_utils.get_single_instance(input_dict[n]) for n in ("examples", "parent_examples"))
    if not grew_from(now, then):
        return None
    return Parent(version_folder_of(input_dict, "parent_model"), folder_of(input_dict, "parent_model_run"))


class SkillChangerExecutor(base_executor.BaseExecutor):
    """Runs one change. See `SkillChanger` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        examples = artifact_utils.get_single_instance(output_dict["examples"])
        before = artifact_utils.get_single_instance(input_dict["base_examples"])
        examples.split_names = before.split_names
        examples.version = before.version
        copy_growth(before, examples)
        change_skills(
            read_options(exec_properties["change"], SkillChange, name="change"),
            _folders({name.removeprefix("base_"): artifacts for name, artifacts in input_dict.items()}),
            _folders(output_dict),
            lineage={name: f"artifact {artifacts[0].id}" for name, artifacts in input_dict.items()},
        )


def _folders(artifacts: Artifacts) -> Folders:
    names = ("model_run", "catalogue", "examples", "popularity")
    return Folders(version_folder_of(artifacts, "model"), *(folder_of(artifacts, name) for name in names))
