"""The graph of a change of skills: a run's nodes from the changed models on. Builds it, does nothing else."""

import dataclasses
import json
from typing import Any

import msgspec
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration.pipeline import Pipeline
from tfx.types import channel, standard_artifacts

from components.domain.component import DomainSkillChanger
from components.hyprank.component import HypRankSkillChanger
from components.records.artifacts import CatalogueArtifact, DeadLetters, SkillCounts
from components.records.catalogue import Catalogue
from components.records.domain_signature import DOMAIN_PREFIX
from components.records.hyprank.rank import HYPRANK
from components.records.ranked_system import models_of_use
from components.records.skill_change import SkillChange
from components.shortlister.component import SkillChanger
from pipelines import nodes
from pipelines.config import Judging
from pipelines.graph import LOCAL_BEAM
from pipelines.in_service import InService
from pipelines.judging import Judged, baseline_nodes, judging_nodes
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


@dataclasses.dataclass(frozen=True, kw_only=True)
class Changing:
    """One change of what is in service.

    Attributes:
        change: What is asked for.
        base: What is in service.
        after: The skills that there are afterwards.
        judging: How the changed system is judged: as the one in service was.
        forced: Why it is pushed whatever the gate decides; "": it is not.
    """

    change: SkillChange
    base: InService
    after: Catalogue
    judging: Judging
    forced: str = ""

    @property
    def in_service(self) -> dict[str, int]:
        """The versions in service that the skills still have a use for."""
        of_use = models_of_use(self.after.domains)
        return {model: version for model, version in self.base.versions.items() if model in of_use}


def create_pipeline(changing: Changing, *, workspace: Workspace) -> Pipeline:
    """The graph of one change of skills.

    Args:
        changing: Which.
        workspace: Where metadata, artifacts and served models are.

    Raises:
        ValueError: An option breaks its rule.
    """
    importers = {
        name: Importer(source_uri=getattr(changing.base, name), artifact_type=kind).with_id(
            f"InService.{name}"
        )
        for name, kind in _BASE.items()
    }
    given: dict[str, channel.BaseChannel] = {
        name: importer.outputs["result"] for name, importer in importers.items()
    }
    changed = SkillChanger(
        **{name: given[name] for name in ("model", "model_run", "catalogue", "examples", "popularity")},
        change=msgspec.json.encode(changing.change).decode(),
    ).with_id(nodes.SKILL_CHANGE)
    made: dict[str, Any] = changed.outputs
    others = _others(changing, made["catalogue"], workspace)
    baseline: tuple[BaseNode, ...] = ()
    if others:  # the one of the Shortlister's push is older than a domain's update
        baseline = baseline_nodes(
            **{name: given[name] for name in ("examples", "catalogue", "popularity")},
            in_service=changing.base.versions,
            options=changing.judging,
            workspace=workspace,
        )
    judged = Judged(
        **{name: made[name] for name in ("model", "examples", "catalogue", "popularity")},
        **{name: node.outputs[output] for name, (node, output) in others.items()},
        in_service=changing.in_service,
        forced=changing.forced,
        dead_letters=given["dead_letters"],
        baseline=baseline[-1].outputs["evaluation"] if baseline else given["evaluation"],
        shown={"model_run": made["model_run"]},
    )
    return Pipeline(
        pipeline_name=NAME,
        pipeline_root=str(workspace.artifacts),
        components=[
            *importers.values(),
            changed,
            *(node for node, _ in others.values()),
            *baseline,
            *judging_nodes(judged, changing.judging, workspace=workspace),
        ],
        enable_cache=False,  # what it starts from is what is in service now
        beam_pipeline_args=list(LOCAL_BEAM),
    )


def _others(
    changing: Changing, catalogue: channel.BaseChannel, workspace: Workspace
) -> dict[str, tuple[BaseNode, str]]:
    """What changes the models beside the Shortlister, and its output, by the candidate that it makes."""
    versions = changing.in_service
    asked = {
        "change": msgspec.json.encode(changing.change).decode(),
        "serving_dir": str(workspace.serving),
        "in_service": json.dumps(versions, sort_keys=True),
    }
    found: dict[str, tuple[BaseNode, str]] = {}
    if any(model.startswith(DOMAIN_PREFIX) for model in versions):
        domains = DomainSkillChanger(catalogue=catalogue, **asked)
        found["domain_models"] = (domains.with_id(nodes.DOMAINS_CHANGE), "models")
    if HYPRANK in versions:
        hyprank = HypRankSkillChanger(catalogue=catalogue, **asked)
        found["hyprank"] = (hyprank.with_id(nodes.HYPRANK_CHANGE), "model")
    return found
