"""The work of `HypRankTrainer` and `HypRankSkillChanger`: artifacts in, a pure function, artifacts out."""

import logging
from pathlib import Path
from typing import Any

from tfx.dsl.components.base import base_executor
from tfx.types import artifact_utils

from components.hyprank.change_skills import change_skills
from components.hyprank.options import HypRankOptions
from components.hyprank.read import read_reranked, read_rerankers
from components.hyprank.run import train_hyprank
from components.records.artifact_files import CATALOGUE, read_popularity
from components.records.artifacts import Artifacts, folder_of, grew_from, version_folder_of
from components.records.catalogue import read_catalogue
from components.records.hyprank.rank import HYPRANK
from components.records.model_set import read_versions, system_folders
from components.records.options import read_options
from components.records.skill_change import SkillChange


class Executor(base_executor.BaseExecutor):
    """Runs one training. See `HypRankTrainer` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        rerankers = read_rerankers(folder_of(input_dict, "domain_models"))
        rank, dev = (
            read_reranked(folder_of(input_dict, "hypotheses"), split, rerankers) for split in ("rank", "dev")
        )
        train_hyprank(
            rank,
            dev,
            read_catalogue(folder_of(input_dict, "catalogue") / CATALOGUE),
            read_popularity(folder_of(input_dict, "popularity")),
            read_options(exec_properties["options"], HypRankOptions),
            version_folder=version_folder_of(output_dict, "model"),
            run_folder=folder_of(output_dict, "model_run"),
            candidates=exec_properties["candidates"],
            lineage={name: f"artifact {artifacts[0].id}" for name, artifacts in input_dict.items()},
            parent=_parent(input_dict),
            report=logging.getLogger(__name__).info,
        )


def _parent(input_dict: Artifacts) -> Path | None:
    """What the training left that is to be gone on from: one on the same dataset before it grew."""
    if not input_dict.get("parent_model_run"):
        return None
    now, then = (artifact_utils.get_single_instance(input_dict[n]) for n in ("examples", "parent_examples"))
    return folder_of(input_dict, "parent_model_run") if grew_from(now, then) else None


class SkillChangerExecutor(base_executor.BaseExecutor):
    """Runs one change of skills. See `HypRankSkillChanger` for the artifacts."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        versions = read_versions(exec_properties["in_service"])
        folders = system_folders({}, Path(exec_properties["serving_dir"]), versions)
        change_skills(
            read_options(exec_properties["change"], SkillChange, name="change"),
            read_catalogue(folder_of(input_dict, "catalogue") / CATALOGUE),
            folders[HYPRANK],
            version_folder_of(output_dict, "model"),
            lineage={"base": f"{HYPRANK} version {versions[HYPRANK]}"},
        )
