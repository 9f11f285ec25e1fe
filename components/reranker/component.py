"""The pipeline node that trains every domain's re-ranker."""

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import channel, component_spec
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.records.artifacts import CatalogueArtifact, DomainModels, Hypotheses, ReliabilityArtifact
from components.records.options import read_options
from components.reranker.executor import Executor
from components.reranker.options import RerankerOptions


class RerankerTrainerSpec(component_spec.ComponentSpec):
    """Interface of `RerankerTrainer`."""

    PARAMETERS = {"options": ExecutionParameter(type=str)}  # noqa: RUF012 (TFX reads the class attribute)
    INPUTS = {  # noqa: RUF012
        "hypotheses": ChannelParameter(type=Hypotheses),
        "domain_models": ChannelParameter(type=DomainModels),
        "catalogue": ChannelParameter(type=CatalogueArtifact),
    }
    OUTPUTS = {  # noqa: RUF012
        "models": ChannelParameter(type=DomainModels),
        "reliability": ChannelParameter(type=ReliabilityArtifact),
    }


class RerankerTrainer(base_component.BaseComponent):
    """Trains a re-ranker for each domain that is given a model, on the lists of the split rank.

    Args:
        hypotheses: Judged lists, read by these models: of rank, and of the split that the options name for
            the reliability curves (test), which nothing is fitted to.
        domain_models: A version folder for each domain.
        catalogue: The dataset's skills.
        options: JSON of `RerankerOptions`; checked here, before anything runs.

    Outputs: `models`, copies of the version folders with the re-rankers in them; `reliability`,
        reliability.json: curves of R0 to R3 and of what is served, over all these domains and for each of
        them, and the weights in words.
    Raises:
        ValueError: `options` is not a JSON object of known options with values in their ranges.
    """

    SPEC_CLASS = RerankerTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        hypotheses: channel.BaseChannel,
        domain_models: channel.BaseChannel,
        catalogue: channel.BaseChannel,
        options: str = "{}",
    ) -> None:
        read_options(options, RerankerOptions)
        super().__init__(
            RerankerTrainerSpec(
                hypotheses=hypotheses,
                domain_models=domain_models,
                catalogue=catalogue,
                options=options,
                models=channel.Channel(type=DomainModels),
                reliability=channel.Channel(type=ReliabilityArtifact),
            )
        )
