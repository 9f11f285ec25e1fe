"""The pipeline node that trains HypRank."""

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.hyprank.executor import Executor
from components.hyprank.options import HypRankOptions
from components.records.artifacts import CatalogueArtifact, DomainModels, Hypotheses, SkillCounts
from components.records.options import read_options


class HypRankTrainerSpec(component_spec.ComponentSpec):
    """Interface of `HypRankTrainer`."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attribute)
        "options": ExecutionParameter(type=str),
        "candidates": ExecutionParameter(type=int),
    }
    INPUTS = {  # noqa: RUF012
        "hypotheses": ChannelParameter(type=Hypotheses),
        "domain_models": ChannelParameter(type=DomainModels),
        "catalogue": ChannelParameter(type=CatalogueArtifact),
        "popularity": ChannelParameter(type=SkillCounts),
    }
    OUTPUTS = {  # noqa: RUF012
        "model": ChannelParameter(type=standard_artifacts.Model),
        "model_run": ChannelParameter(type=standard_artifacts.ModelRun),
    }


class HypRankTrainer(base_component.BaseComponent):
    """Trains HypRank on the re-ranked lists of the split rank; stops and calibrates by the dev split.

    Args:
        hypotheses: Judged lists of rank and dev.
        domain_models: With the re-rankers that put the lists in order first.
        catalogue: The dataset's skills.
        popularity: Train requests by skill.
        options: JSON of `HypRankOptions`; checked here, before anything runs.
        candidates: How many of the Shortlister's candidates the lists are made of; goes into the manifest,
            and a live request gets as many.

    Outputs: `model`, a version folder under Format-Serving; `model_run`, training.json, log and weights.
    Raises:
        ValueError: `options` is not a JSON object of known options with values in their ranges, or
            `candidates` is not positive.
    """

    SPEC_CLASS = HypRankTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        hypotheses: channel.BaseChannel,
        domain_models: channel.BaseChannel,
        catalogue: channel.BaseChannel,
        popularity: channel.BaseChannel,
        options: str = "{}",
        *,
        candidates: int,
    ) -> None:
        read_options(options, HypRankOptions)
        if candidates < 1:
            raise ValueError(f"`candidates` must be positive. Received: candidates={candidates}")
        super().__init__(
            HypRankTrainerSpec(
                hypotheses=hypotheses,
                domain_models=domain_models,
                catalogue=catalogue,
                popularity=popularity,
                options=options,
                candidates=candidates,
                model=channel.Channel(type=standard_artifacts.Model),
                model_run=channel.Channel(type=standard_artifacts.ModelRun),
            )
        )
