"""The end that every graph has: predict with the candidates, measure, show, push."""

import dataclasses
import json
from collections.abc import Mapping

import msgspec
from tfx.dsl.components.base.base_node import BaseNode
from tfx.types.channel import BaseChannel

from components.evaluate.component import Evaluator, Review
from components.push.component import Push
from components.records.model_set import Versions
from components.router.component import Rank
from pipelines import nodes
from pipelines.config import Judging, options_json
from pipelines.workspace import Workspace


@dataclasses.dataclass(frozen=True, kw_only=True)
class Judged:
    """What is judged, and on what.

    Attributes:
        model, domain_models, hyprank: The candidates.
        in_service: The versions that they are judged beside, or in place of; empty: the candidates are the
            whole system.
        examples, catalogue, popularity: What it is judged on.
        dead_letters: Records that were refused.
        baseline: An evaluation that the new one is held against.
        shown: What else the review shows, by the name of its input; None: not there.
    """

    model: BaseChannel | None = None
    domain_models: BaseChannel | None = None
    hyprank: BaseChannel | None = None
    in_service: Versions = dataclasses.field(default_factory=dict)
    examples: BaseChannel
    catalogue: BaseChannel
    popularity: BaseChannel
    dead_letters: BaseChannel
    baseline: BaseChannel | None = None
    shown: Mapping[str, BaseChannel | None] = dataclasses.field(default_factory=dict)


def judging_nodes(judged: Judged, options: Judging, *, workspace: Workspace) -> list[BaseNode]:
    """Rank, Evaluator, Review and Push, in this order.

    Raises:
        ValueError: An option breaks its rule.
    """
    in_service = json.dumps(dict(judged.in_service), sort_keys=True)
    rank = Rank(
        examples=judged.examples,
        model=judged.model,
        domain_models=judged.domain_models,
        hyprank=judged.hyprank,
        options=options_json(options.rank),
        serving_dir=str(workspace.serving),
        in_service=in_service,
    ).with_id(nodes.RANK)
    predictions = rank.outputs["predictions"]
    evaluator = Evaluator(
        predictions=predictions,
        catalogue=judged.catalogue,
        popularity=judged.popularity,
        examples=judged.examples,
        baseline=judged.baseline,
        options=options_json(options.evaluate),
    ).with_id(nodes.EVALUATOR)
    verdict = evaluator.outputs["verdict"]
    review = Review(
        evaluation=evaluator.outputs["evaluation"],
        verdict=verdict,
        predictions=predictions,
        dead_letters=judged.dead_letters,
        model=judged.model,
        domain_models=judged.domain_models,
        hyprank=judged.hyprank,
        **judged.shown,
        options=options_json(options.review),
    ).with_id(nodes.REVIEW)
    push = Push(
        model=judged.model,
        domain_models=judged.domain_models,
        hyprank=judged.hyprank,
        in_service=in_service,
        verdict=verdict,
        predictions=predictions,
        serving_dir=str(workspace.serving),
        options=options_json(options.push),
    ).with_id(nodes.PUSH)
    push.add_upstream_node(review)  # a person can look at it whatever comes of the push
    return [rank, evaluator, review, push]


def baseline_nodes(
    *,
    examples: BaseChannel,
    catalogue: BaseChannel,
    popularity: BaseChannel,
    in_service: Versions,
    options: Judging,
    workspace: Workspace,
) -> tuple[BaseNode, BaseNode]:
    """Rank and Evaluator of the versions in service on these examples: what candidates are held against."""
    rank = Rank(
        examples=examples,
        options=options_json(msgspec.structs.replace(options.rank, cost_sample=0)),
        serving_dir=str(workspace.serving),
        in_service=json.dumps(dict(in_service), sort_keys=True),
    ).with_id(nodes.BASELINE_RANK)
    evaluator = Evaluator(
        predictions=rank.outputs["predictions"],
        catalogue=catalogue,
        popularity=popularity,
        examples=examples,
        options=options_json(msgspec.structs.replace(options.evaluate, added=())),
    ).with_id(nodes.BASELINE_EVALUATOR)
    return rank, evaluator
