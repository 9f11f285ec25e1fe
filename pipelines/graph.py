"""The one graph, from a dataset folder to a served model. Builds it and does nothing else."""

import os
from pathlib import Path
from typing import NamedTuple

import msgspec
from tfx.dsl.components.base.base_node import BaseNode
from tfx.orchestration.pipeline import Pipeline
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel

from components.domain.component import DomainTrainer
from components.hyprank.component import HypRankTrainer
from components.push.component import InService
from components.records.artifacts import DomainModels, DomainRuns
from components.reranker.component import RerankerTrainer
from components.router.component import Hypothesize
from components.shortlister.component import ShortlisterTrainer
from pipelines import nodes
from pipelines.config import Config, Judging, options_json
from pipelines.data_nodes import data_nodes
from pipelines.earlier import EarlierIngest, ParentDomains, ParentModel
from pipelines.importers import importers_of
from pipelines.judging import Judged, baseline_nodes, judging_nodes, value_of
from pipelines.workspace import Workspace

NAME = "arbiter"
EFFECTS = (nodes.IN_SERVICE, nodes.PUSH)
"""Nodes that look at, or change, something outside their artifacts."""

_OF_SHORTLISTER = ("model_run", "pseudo_labels", "negatives", "distillation", "semi_labels")

LOCAL_BEAM = (
    "--runner=FnApiRunner",  # the default one tries to download Prism first
    "--direct_running_mode=in_memory",
    "--direct_num_workers=1",
    "--sdk_container_image=none",  # else TFX packs itself for every node; local runners ignore it
)


_PARENT = {
    "model": standard_artifacts.Model,
    "model_run": standard_artifacts.ModelRun,
    "examples": standard_artifacts.Examples,
}
_PARENT_DOMAINS = {
    "models": DomainModels,
    "runs": DomainRuns,
    "examples": standard_artifacts.Examples,
}


class _System(NamedTuple):
    """What answers beside the Shortlister: its nodes in the order in which they run, and their outputs.

    `shown` is what the review shows of them, by the name of its input.
    """

    nodes: tuple[BaseNode, ...]
    domain_models: BaseChannel
    hyprank: BaseChannel
    shown: dict[str, BaseChannel]


def create_pipeline(
    config: Config,
    *,
    data: Path,
    data_fingerprint: str,
    workspace: Workspace,
    cache: bool = True,
    command: str = "",
    forced: str = "",
    earlier: EarlierIngest | None = None,
    parent: ParentModel | None = None,
    parent_domains: ParentDomains | None = None,
    parent_hyprank: ParentModel | None = None,
) -> Pipeline:
    """The graph of one dataset and one workspace.

    Args:
        config: Options of every part.
        data: The dataset folder, absolute.
        data_fingerprint: Of its content; nodes are cached by it.
        workspace: Where metadata, artifacts and served models go.
        cache: Whether a node whose inputs and options are as before takes its earlier result.
        command: The command that makes this run again, for the review.
        forced: Why the models are pushed whatever is decided about them; "": they are not.
        earlier: An ingest of the same folder, of which only what is new is to be read.
        parent: A Shortlister to go on from where the dataset is that of its training, grown.
        parent_domains, parent_hyprank: Domain models and HypRank likewise.

    Raises:
        ValueError: An option breaks its rule.
    """
    read = data_nodes(
        data,
        data_fingerprint,
        ingest=config.ingest,
        gate=config.gate,
        label=config.label,
        reports=workspace.reports / "data",
        earlier=earlier,
    )
    parents = {} if parent is None else importers_of("Parent", _PARENT, parent._asdict())
    shortlister = ShortlisterTrainer(
        examples=read.examples,
        catalogue=read.catalogue,
        options=options_json(config.shortlister),
        checkpoints_dir=str(workspace.checkpoints / nodes.SHORTLISTER),
        **{f"parent_{name}": importer.outputs["result"] for name, importer in parents.items()},
    ).with_id(nodes.SHORTLISTER)
    system = (
        _system(
            config,
            examples=read.examples,
            catalogue=read.catalogue,
            popularity=read.popularity,
            shortlister=shortlister.outputs["model"],
            parent_domains=parent_domains,
            parent_hyprank=parent_hyprank,
        )
        if config.rankers
        else None
    )
    judging = Judging(
        rank=config.rank,
        evaluate=config.evaluate,
        review=msgspec.structs.replace(config.review, command=command),
        push=config.push,
    )
    held_against = InService(
        catalogue=read.catalogue,
        serving_dir=str(workspace.serving),
        model=shortlister.outputs["model"],
        domain_models=system and system.domain_models,
        hyprank=system and system.hyprank,
    ).with_id(nodes.IN_SERVICE)
    baseline = baseline_nodes(
        examples=read.examples,
        catalogue=read.catalogue,
        popularity=read.popularity,
        in_service=value_of(held_against, "versions"),
        options=judging,
        workspace=workspace,
    )
    judged = Judged(
        model=shortlister.outputs["model"],
        domain_models=system and system.domain_models,
        hyprank=system and system.hyprank,
        examples=read.examples,
        catalogue=read.catalogue,
        popularity=read.popularity,
        dead_letters=read.dead_letters,
        shown={
            **{name: shortlister.outputs[name] for name in _OF_SHORTLISTER},
            "gate": read.gate,
            **(system.shown if system else {}),
        },
        baseline=baseline[-1].outputs["evaluation"],
        held_against=held_against,
        forced=forced,
    )
    judges = judging_nodes(judged, judging, workspace=workspace)
    judges[0].add_upstream_node(baseline[-1])  # what is in service first: a run is told in one order
    every = [
        *read.nodes,
        *parents.values(),
        shortlister,
        *(system.nodes if system else ()),
        held_against,
        *baseline,
        *judges,
    ]
    for node in every:
        if node.id in nodes.SPREAD and config.beam:
            node.with_beam_pipeline_args(config.beam)
    return Pipeline(
        pipeline_name=NAME,
        pipeline_root=str(workspace.artifacts),
        components=every,
        enable_cache=cache,
        beam_pipeline_args=list(LOCAL_BEAM),
    )


def _system(
    config: Config,
    *,
    examples: BaseChannel,
    catalogue: BaseChannel,
    popularity: BaseChannel,
    shortlister: BaseChannel,
    parent_domains: ParentDomains | None,
    parent_hyprank: ParentModel | None,
) -> _System:
    """Domain models, hypothesis lists, re-rankers, HypRank."""
    parents = (
        {}
        if parent_domains is None
        else importers_of("ParentDomains", _PARENT_DOMAINS, parent_domains.folders)
    )
    domains = (
        DomainTrainer(
            examples=examples,
            catalogue=catalogue,
            options=options_json(config.domain),
            parent_domains="[]" if parent_domains is None else parent_domains.names,
            **{f"parent_{name}": importer.outputs["result"] for name, importer in parents.items()},
        )
        .with_id(nodes.DOMAINS)
        .with_beam_pipeline_args([] if config.beam else _side_by_side(config.workers))
    )
    hypothesize = Hypothesize(
        examples=examples,
        model=shortlister,
        domain_models=domains.outputs["models"],
        options=options_json(config.hypothesize),
    ).with_id(nodes.HYPOTHESIZE)
    hypotheses = hypothesize.outputs["hypotheses"]
    rerankers = RerankerTrainer(
        hypotheses=hypotheses,
        domain_models=domains.outputs["models"],
        catalogue=catalogue,
        options=options_json(config.reranker),
    ).with_id(nodes.RERANKERS)
    parents_of_hyprank = (
        {} if parent_hyprank is None else importers_of("ParentHypRank", _PARENT, parent_hyprank._asdict())
    )
    hyprank = HypRankTrainer(
        hypotheses=hypotheses,
        domain_models=rerankers.outputs["models"],
        catalogue=catalogue,
        popularity=popularity,
        options=options_json(config.hyprank),
        candidates=config.hypothesize.k,
        examples=examples,
        **{f"parent_{name}": importer.outputs["result"] for name, importer in parents_of_hyprank.items()},
    ).with_id(nodes.HYPRANK)
    return _System(
        nodes=(
            *parents.values(),
            domains,
            hypothesize,
            rerankers,
            *parents_of_hyprank.values(),
            hyprank,
        ),
        domain_models=rerankers.outputs["models"],
        hyprank=hyprank.outputs["model"],
        shown={
            "reliability": rerankers.outputs["reliability"],
            "domain_runs": domains.outputs["runs"],
            "hyprank_run": hyprank.outputs["model_run"],
        },
    )


def _side_by_side(workers: int | None) -> list[str]:
    """Beam arguments that give each of `workers` a process; None: one for each core that this process has."""
    count = workers or len(os.sched_getaffinity(0))
    if count == 1:
        return []
    return ["--direct_running_mode=multi_processing", f"--direct_num_workers={count}"]
