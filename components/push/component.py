"""The pipeline node that puts blessed models into service."""

from pathlib import Path

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.push.executor import Executor
from components.push.options import PushOptions
from components.records.artifacts import DomainModels, Predictions, Verdict
from components.records.model_set import read_versions
from components.records.options import read_options


class PushSpec(component_spec.ComponentSpec):
    """Interface of `Push`."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attribute)
        "serving_dir": ExecutionParameter(type=str),
        "in_service": ExecutionParameter(type=str),
        "options": ExecutionParameter(type=str),
    }
    INPUTS = {  # noqa: RUF012
        "model": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "domain_models": ChannelParameter(type=DomainModels, optional=True),
        "hyprank": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "verdict": ChannelParameter(type=Verdict),
        "predictions": ChannelParameter(type=Predictions),
    }
    OUTPUTS = {  # noqa: RUF012
        "pushed": ChannelParameter(type=standard_artifacts.PushedModel),
    }


class Push(base_component.BaseComponent):
    """Installs models that are blessed together and do what was recorded of them, all or none, each as the
    next version of its model, labelled stable.

    Args:
        verdict: Of the evaluation of `predictions`.
        predictions: What the system with these models answered when it was measured.
        serving_dir: WORK/serving, an absolute path.
        model: The Shortlister; its version folder lies under Format-Serving.
        domain_models: A version folder for each domain that changes.
        hyprank: HypRank, as `model`.
        in_service: JSON of the versions in service that the models were judged beside, by model; "{}": the
            models given are the whole system. Any other model leaves `models.config`. If what is in service
            is no longer that, the outcome is "superseded": nothing has changed, judge again.
        options: JSON of `PushOptions`; checked here, before anything runs.

    Outputs: `pushed`, with the custom properties pushed (0 or 1), outcome, reason and verdict, and for each
        model version.NAME and hash.NAME.
    Raises:
        ValueError: `serving_dir` is relative, no model is given, or `in_service` or `options` is not JSON of
            what is known.
    """

    SPEC_CLASS = PushSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        *,
        verdict: channel.BaseChannel,
        predictions: channel.BaseChannel,
        serving_dir: str,
        model: channel.BaseChannel | None = None,
        domain_models: channel.BaseChannel | None = None,
        hyprank: channel.BaseChannel | None = None,
        in_service: str = "{}",
        options: str = "{}",
    ) -> None:
        if not Path(serving_dir).is_absolute():
            raise ValueError(f"`serving_dir` must be absolute. Received: serving_dir={serving_dir!r}")
        if model is None and domain_models is None and hyprank is None:
            raise ValueError("one of `model`, `domain_models` and `hyprank` must be given. Received: none")
        read_versions(in_service)
        read_options(options, PushOptions)
        super().__init__(
            PushSpec(
                model=model,
                domain_models=domain_models,
                hyprank=hyprank,
                verdict=verdict,
                predictions=predictions,
                serving_dir=serving_dir,
                in_service=in_service,
                options=options,
                pushed=channel.Channel(type=standard_artifacts.PushedModel),
            )
        )
