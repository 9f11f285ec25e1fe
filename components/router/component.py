"""The pipeline node that predicts: the whole system on the splits that are measured."""

from tfx.dsl.components.base import executor_spec
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.records.artifacts import Predictions
from components.records.options import read_options
from components.router.executor import Executor
from components.router.options import RankOptions


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
