"""The pipeline node that puts a blessed model into service."""

from pathlib import Path

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.push.executor import Executor
from components.push.options import PushOptions
from components.records.artifacts import Predictions, Verdict
from components.records.options import read_options


class PushSpec(component_spec.ComponentSpec):
    """Interface of `Push`."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attribute)
        "serving_dir": ExecutionParameter(type=str),
        "options": ExecutionParameter(type=str),
    }
    INPUTS = {  # noqa: RUF012
        "model": ChannelParameter(type=standard_artifacts.Model),
        "verdict": ChannelParameter(type=Verdict),
        "predictions": ChannelParameter(type=Predictions),
    }
    OUTPUTS = {  # noqa: RUF012
        "pushed": ChannelParameter(type=standard_artifacts.PushedModel),
    }


class Push(base_component.BaseComponent):
    """Installs a model that is blessed and does what was recorded of it as the next version, labelled stable.

    Args:
        model: Its version folder lies under Format-Serving.
        verdict: Of the evaluation of `predictions`.
        predictions: What the model answered when it was measured.
        serving_dir: WORK/serving, an absolute path.
        options: JSON of `PushOptions`; checked here, before anything runs.

    Outputs: `pushed`, with the custom properties pushed (0 or 1), version, hash, outcome, reason, verdict.
    Raises:
        ValueError: `serving_dir` is relative, or `options` is not JSON of known options.
    """

    SPEC_CLASS = PushSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        model: channel.BaseChannel,
        verdict: channel.BaseChannel,
        predictions: channel.BaseChannel,
        serving_dir: str,
        options: str = "{}",
    ) -> None:
        if not Path(serving_dir).is_absolute():
            raise ValueError(f"`serving_dir` must be absolute. Received: serving_dir={serving_dir!r}")
        read_options(options, PushOptions)
        super().__init__(
            PushSpec(
                model=model,
                verdict=verdict,
                predictions=predictions,
                serving_dir=serving_dir,
                options=options,
                pushed=channel.Channel(type=standard_artifacts.PushedModel),
            )
        )
