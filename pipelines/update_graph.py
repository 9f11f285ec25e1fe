"""The graph of a domain's update: a run's nodes for one domain, judged beside what is in service. Builds it,
does nothing else."""

import json

from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts

from components.domain.component import DomainTrainer
from components.records.artifacts import CatalogueArtifact, DeadLetters, SkillCounts
from components.records.domain_signature import domain_model
from components.reranker.component import RerankerTrainer
from components.router.component import Hypothesize
from pipelines import nodes
from pipelines.config import options_json
from pipelines.data_nodes import Data, data_nodes
from pipelines.graph import LOCAL_BEAM
from pipelines.importers import importers_of
from pipelines.judging import Judged, baseline_nodes, judging_nodes
from pipelines.update_plan import UpdatePlan
from pipelines.workspace import Workspace

EFFECTS = (nodes.PUSH,)
"""Nodes that change something outside their artifacts."""
BY_NUMBER = (nodes.HYPOTHESIZE, nodes.BASELINE_RANK, nodes.RANK)
"""Nodes that read versions in service by their numbers: earlier results are right while the numbers stand."""

_DATA = {
    "examples": standard_artifacts.Examples,
    "catalogue": CatalogueArtifact,
    "popularity": SkillCounts,
    "dead_letters": DeadLetters,
}


def create_pipeline(plan: UpdatePlan, *, workspace: Workspace) -> Pipeline:
    """The graph of one plan.

    Raises:
        ValueError: An option breaks its rule.
    """
    options = plan.options
    data = _data(plan, workspace)
    domains = DomainTrainer(
        examples=data.examples,
        catalogue=data.catalogue,
        options=options_json(options.domain),
        domains=json.dumps([plan.domain], ensure_ascii=False),
    ).with_id(nodes.DOMAINS)
    others = {model: v for model, v in plan.trained_beside.items() if model != domain_model(plan.domain)}
    hypothesize = Hypothesize(
        examples=data.examples,
        domain_models=domains.outputs["models"],
        options=options_json(options.hypothesize),
        serving_dir=str(workspace.serving),
        in_service=json.dumps(others, sort_keys=True),
    ).with_id(nodes.HYPOTHESIZE)
    rerankers = RerankerTrainer(
        hypotheses=hypothesize.outputs["hypotheses"],
        domain_models=domains.outputs["models"],
        catalogue=data.catalogue,
        options=options_json(options.reranker),
    ).with_id(nodes.RERANKERS)
    baseline = baseline_nodes(
        examples=data.examples,
        catalogue=data.catalogue,
        popularity=data.popularity,
        in_service=plan.judged_beside,
        options=options,
        workspace=workspace,
    )
    judged = Judged(
        domain_models=rerankers.outputs["models"],
        examples=data.examples,
        catalogue=data.catalogue,
        popularity=data.popularity,
        dead_letters=data.dead_letters,
        in_service=plan.judged_beside,
        forced=plan.forced,
        baseline=baseline[-1].outputs["evaluation"],
        shown={
            "reliability": rerankers.outputs["reliability"],
            "domain_runs": domains.outputs["runs"],
            "gate": data.gate,
        },
    )
    return Pipeline(
        pipeline_name=nodes.UPDATE,
        pipeline_root=str(workspace.artifacts),
        components=[
            *data.nodes,
            domains,
            hypothesize,
            rerankers,
            *baseline,
            *judging_nodes(judged, options, workspace=workspace),
        ],
        enable_cache=True,
        beam_pipeline_args=list(LOCAL_BEAM),
    )


def _data(plan: UpdatePlan, workspace: Workspace) -> Data:
    """The new dataset's, else that of the Shortlister in service."""
    if plan.data is None:
        folders = {name: getattr(plan.base, name) for name in _DATA}
        importers = importers_of("InService", _DATA, folders)
        given = {name: importer.outputs["result"] for name, importer in importers.items()}
        return Data(nodes=tuple(importers.values()), **given)
    return data_nodes(
        plan.data.folder,
        plan.data.fingerprint,
        ingest=plan.data.options.ingest,
        gate=plan.data.options.gate,
        label=plan.data.options.label,
        reports=workspace.reports / "data" / domain_model(plan.domain),
    )
