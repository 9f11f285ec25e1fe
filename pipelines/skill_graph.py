"""The graph of a change of skills: a run's nodes from the changed model on. Builds it, does nothing else."""

from typing import Any

import msgspec
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline
from tfx.types import channel, standard_artifacts

from components.records.artifacts import CatalogueArtifact, DeadLetters, SkillCounts
from components.records.skill_change import SkillChange
from components.shortlister.component import SkillChanger
from pipelines import nodes
from pipelines.config import Judging
from pipelines.graph import LOCAL_BEAM
from pipelines.in_service import InService
from pipelines.judging import Judged, judging_nodes
from pipelines.workspace import Workspace

NAME = "arbiter-skill"

_BASE = {
    "model": standard_artifacts.Model,
    "model_run": standard_artifacts.ModelRun,
    "catalogue": CatalogueArtifact,
    "examples": standard_artifacts.Examples,
    "popularity": SkillCounts,
    "evaluation": standard_artifacts.ModelEvaluation,
    "dead_letters": DeadLetters,
}


def create_pipeline(
    change: SkillChange, base: InService, judging: Judging, *, workspace: Workspace
) -> Pipeline:
    """The graph of one change of the model in service.

    Args:
        change: What is asked for.
        base: The version in service.
        judging: How the changed model is judged: as the one in service was.
        workspace: Where metadata, artifacts and served models are.

    Raises:
        ValueError: An option breaks its rule.
    """
    importers = {
        name: Importer(source_uri=getattr(base, name), artifact_type=kind).with_id(f"InService.{name}")
        for name, kind in _BASE.items()
    }
    given: dict[str, channel.BaseChannel] = {
        name: importer.outputs["result"] for name, importer in importers.items()
    }
    changed = SkillChanger(
        **{name: given[name] for name in ("model", "model_run", "catalogue", "examples", "popularity")},
        change=msgspec.json.encode(change).decode(),
    ).with_id(nodes.SKILL_CHANGE)
    made: dict[str, Any] = changed.outputs
    judged = Judged(
        **{name: made[name] for name in ("model", "model_run", "examples", "catalogue", "popularity")},
        dead_letters=given["dead_letters"],
        baseline=given["evaluation"],
    )
    return Pipeline(
        pipeline_name=NAME,
        pipeline_root=str(workspace.artifacts),
        components=[*importers.values(), changed, *judging_nodes(judged, judging, workspace=workspace)],
        enable_cache=False,  # what it starts from is what is in service now
        metadata_connection_config=sqlite_metadata_connection_config(str(workspace.metadata)),
        beam_pipeline_args=list(LOCAL_BEAM),
    )
