"""The pipeline nodes that ask the models: for hypothesis lists, and for predictions of the whole system."""

from tfx.dsl.components.base import executor_spec
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.records.artifacts import DomainModels, Hypotheses, Predictions
from components.records.options import read_options
from components.router.executor import Executor, HypothesizeExecutor
from components.router.options import HypothesizeOptions, RankOptions


class RankSpec(component_spec.ComponentSpec):
    """Interface of `Rank`."""

    PARAMETERS = {"options": ExecutionParameter(type=str)}  # noqa: RUF012 (TFX reads the class attribute)
    INPUTS = {  # noqa: RUF012
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "model": ChannelParameter(type=standard_artifacts.Model),
    }
    OUTPUTS = {"predictions": ChannelParameter(type=Predictions)}  # noqa: RUF012


class Rank(BaseBeamComponent):
    """Predicts labelled examples with the composing code and the exported model that serving uses.

    Args:
        examples: Labelled requests.
        model: The Shortlister; its version folder lies under Format-Serving.
        options: JSON of `RankOptions`; checked here, before anything runs.

    Outputs: `predictions`, Split-<name>/predictions-*.gz: the examples with `prediction.*` features added.
    Raises:
        ValueError: `options` is not JSON of known options with values in their ranges.
    """

    SPEC_CLASS = RankSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self, examples: channel.BaseChannel, model: channel.BaseChannel, options: str = "{}"
    ) -> None:
        read_options(options, RankOptions)
        super().__init__(
            RankSpec(
                examples=examples,
                model=model,
                options=options,
                predictions=channel.Channel(type=Predictions),
            )
        )


class HypothesizeSpec(component_spec.ComponentSpec):
    """Interface of `Hypothesize`."""

    PARAMETERS = {"options": ExecutionParameter(type=str)}  # noqa: RUF012 (TFX reads the class attribute)
    INPUTS = {  # noqa: RUF012
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "model": ChannelParameter(type=standard_artifacts.Model),
        "domain_models": ChannelParameter(type=DomainModels),
    }
    OUTPUTS = {"hypotheses": ChannelParameter(type=Hypotheses)}  # noqa: RUF012


class Hypothesize(BaseBeamComponent):
    """Reads the Shortlister's candidates with the models of their domains, and judges the readings.

    Args:
        examples: Labelled requests.
        model: The Shortlister; its version folder lies under Format-Serving.
        domain_models: A version folder for each domain that has a model.
        options: JSON of `HypothesizeOptions`; checked here, before anything runs.

    Outputs: `hypotheses`, Split-<name>/hypotheses-*.gz: the examples with `hypotheses.*` features added.
    Raises:
        ValueError: `options` is not JSON of known options with values in their ranges.
    """

    SPEC_CLASS = HypothesizeSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(HypothesizeExecutor)

    def __init__(
        self,
        examples: channel.BaseChannel,
        model: channel.BaseChannel,
        domain_models: channel.BaseChannel,
        options: str = "{}",
    ) -> None:
        read_options(options, HypothesizeOptions)
        super().__init__(
            HypothesizeSpec(
                examples=examples,
                model=model,
                domain_models=domain_models,
                options=options,
                hypotheses=channel.Channel(type=Hypotheses),
            )
        )
