"""The work of `DomainTrainer` and `DomainSkillChanger`: artifacts in, a pure function, artifacts out."""

from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_beam_executor, base_executor
from tfx.types import artifact_utils

from components.domain.all_domains import read_report, train_domains
from components.domain.change_skills import change_skills
from components.domain.options import DomainOptions
from components.domain.run import KIND
from components.records.artifact_files import CATALOGUE
from components.records.artifacts import Artifacts, folder_of, grew_from
from components.records.catalogue import read_catalogue
from components.records.model_set import read_versions, system_folders
from components.records.options import read_options
from components.records.skill_change import SkillChange
from components.records.version_folder import read_manifest


class Executor(base_beam_executor.BaseBeamExecutor):
    """Trains every domain, or those that are named. See `DomainTrainer` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        catalogue = folder_of(input_dict, "catalogue") / CATALOGUE
        named = read_options(exec_properties["domains"], list[str], name="domains")
        with self._make_beam_pipeline() as pipeline:
            train_domains(
                pipeline,
                domains=named or read_catalogue(catalogue).domains,
                examples=folder_of(input_dict, "examples"),
                catalogue=catalogue,
                options=read_options(exec_properties["options"], DomainOptions),
                models=folder_of(output_dict, "models"),
                runs=folder_of(output_dict, "runs"),
                lineage={name: f"artifact {artifacts[0].id}" for name, artifacts in input_dict.items()},
                parents=_parents(input_dict, exec_properties.get("parent_domains") or "[]"),
            )
        without = [each.domain for each in read_report(folder_of(output_dict, "runs")) if each.folder is None]
        if named and without:
            raise ValueError(f"`domains` must have train requests. Received: {', '.join(without)} without")


def _parents(input_dict: Artifacts, names: str) -> dict[str, tuple[str, str]]:
    """Where the models lie, by name, and what their trainings left, that a dataset that grew goes on from."""
    if not input_dict.get("parent_models"):
        return {}
    now, then = (artifact_utils.get_single_instance(input_dict[n]) for n in ("examples", "parent_examples"))
    if not grew_from(now, then):
        return {}
    folders = tuple(str(folder_of(input_dict, name)) for name in ("parent_models", "parent_runs"))
    return dict.fromkeys(read_options(names, list[str], name="parent_domains"), (folders[0], folders[1]))


class SkillChangerExecutor(base_executor.BaseExecutor):
    """Changes the skills of every domain. See `DomainSkillChanger` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        versions = read_versions(exec_properties["in_service"])
        for name, folder in system_folders({}, Path(exec_properties["serving_dir"]), versions).items():
            if read_manifest(folder).kind == KIND:
                change_skills(
                    read_options(exec_properties["change"], SkillChange, name="change"),
                    read_catalogue(folder_of(input_dict, "catalogue") / CATALOGUE),
                    folder,
                    folder_of(output_dict, "models") / name,
                    lineage={"base": f"{name} version {versions[name]}"},
                )
