"""The end that every graph has: predict with the candidates, measure, show, push."""

import dataclasses
import json
from collections.abc import Mapping
from typing import NamedTuple

import msgspec
from tfx.dsl.components.base.base_node import BaseNode
from tfx.dsl.placeholder.placeholder import Placeholder
from tfx.types.channel import BaseChannel

from components.evaluate.component import Evaluator, Review
from components.push.component import InService, Push
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
        held_against: The node that says what is in service, of a whole system: what a verdict refuses of it
            is taken out, and the rest is judged again beside that. None: it is pushed whole or not at all.
        forced: Why it is pushed whatever is decided; "": it is not.
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
    held_against: InService | None = None
    forced: str = ""

    @property
    def candidates(self) -> dict[str, BaseChannel | None]:
        return {"model": self.model, "domain_models": self.domain_models, "hyprank": self.hyprank}


class _Judgement(NamedTuple):
    rank: Rank
    evaluator: Evaluator


def judging_nodes(judged: Judged, options: Judging, *, workspace: Workspace) -> list[BaseNode]:
    """Rank and Evaluator, with `held_against` three times; then Review and Push, of the last judgement.

    Raises:
        ValueError: An option breaks its rule.
    """
    ids = [(nodes.RANK, nodes.EVALUATOR)]
    if judged.held_against is not None and judged.domain_models is not None:
        ids = [(nodes.FIRST_RANK, nodes.FIRST_EVALUATOR), (nodes.SECOND_RANK, nodes.SECOND_EVALUATOR), *ids]
    judgements: list[_Judgement] = []
    for each in ids:
        earlier = judgements[-1] if judgements else None
        judgements.append(
            _judgement(judged, options, workspace, each, earlier=earlier, final=each == ids[-1])
        )
    predictions = judgements[-1].rank.outputs["predictions"]
    verdict = judgements[-1].evaluator.outputs["verdict"]
    review = Review(
        evaluation=judgements[-1].evaluator.outputs["evaluation"],
        verdict=verdict,
        predictions=predictions,
        dead_letters=judged.dead_letters,
        **judged.candidates,
        **judged.shown,
        options=options_json(options.review),
    ).with_id(nodes.REVIEW)
    push = Push(
        **judged.candidates,
        verdict=verdict,
        predictions=predictions,
        serving_dir=str(workspace.serving),
        options=options_json(options.push),
    ).with_id(nodes.PUSH)
    push.add_upstream_node(review)  # a person can look at it whatever comes of the push
    return [*(node for judgement in judgements for node in judgement), review, push]


def _judgement(
    judged: Judged,
    options: Judging,
    workspace: Workspace,
    ids: tuple[str, str],
    *,
    earlier: _Judgement | None,
    final: bool,
) -> _Judgement:
    """Rank and Evaluator of what is left of the candidates after an earlier judgement."""
    in_service = json.dumps(dict(judged.in_service), sort_keys=True)
    added = "[]"
    if judged.held_against is not None:
        added = value_of(judged.held_against, "added")
        in_service = value_of(judged.held_against, "versions") if earlier else "{}"
    predictions, evaluation, verdict = (
        (
            earlier.rank.outputs["predictions"],
            earlier.evaluator.outputs["evaluation"],
            earlier.evaluator.outputs["verdict"],
        )
        if earlier
        else (None, None, None)
    )
    rank = Rank(
        examples=judged.examples,
        **judged.candidates,
        verdict=verdict,
        earlier=predictions,
        options=options_json(options.rank),
        serving_dir=str(workspace.serving),
        in_service=in_service,
    ).with_id(ids[0])
    evaluator = Evaluator(
        predictions=rank.outputs["predictions"],
        catalogue=judged.catalogue,
        popularity=judged.popularity,
        examples=judged.examples,
        baseline=judged.baseline,
        earlier=predictions,
        earlier_evaluation=evaluation,
        earlier_verdict=verdict,
        options=options_json(options.evaluate),
        added=added,
        final=final,
        forced=judged.forced,
    ).with_id(ids[1])
    return _Judgement(rank, evaluator)


def value_of(node: BaseNode, output: str) -> Placeholder:
    """What `node` will have said as `output`, as a parameter of a later node."""
    return node.outputs[output].future()[0].value


def baseline_nodes(
    *,
    examples: BaseChannel,
    catalogue: BaseChannel,
    popularity: BaseChannel,
    in_service: Versions | Placeholder,
    options: Judging,
    workspace: Workspace,
) -> tuple[BaseNode, BaseNode]:
    """Rank and Evaluator of the versions in service on these examples: what candidates are held against.

    The versions, or what gives them when the nodes run.
    """
    rank = Rank(
        examples=examples,
        options=options_json(msgspec.structs.replace(options.rank, cost_sample=0)),
        serving_dir=str(workspace.serving),
        in_service=json.dumps(in_service, sort_keys=True) if isinstance(in_service, dict) else in_service,
    ).with_id(nodes.BASELINE_RANK)
    evaluator = Evaluator(
        predictions=rank.outputs["predictions"],
        catalogue=catalogue,
        popularity=popularity,
        examples=examples,
        options=options_json(msgspec.structs.replace(options.evaluate, added=())),
    ).with_id(nodes.BASELINE_EVALUATOR)
    return rank, evaluator
