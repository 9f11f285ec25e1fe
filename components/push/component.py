"""The pipeline nodes that look at what is in service, and put blessed models into it."""

from pathlib import Path

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.push.executor import Executor, InServiceExecutor
from components.push.options import PushOptions
from components.records.artifacts import CatalogueArtifact, DomainModels, Predictions, Verdict
from components.records.options import read_options


class InServiceSpec(component_spec.ComponentSpec):
    """Interface of `InService`."""

    PARAMETERS = {"serving_dir": ExecutionParameter(type=str)}  # noqa: RUF012 (TFX reads the class attribute)
    INPUTS = {  # noqa: RUF012
        "catalogue": ChannelParameter(type=CatalogueArtifact),
        "model": ChannelParameter(type=standard_artifacts.Model),
        "domain_models": ChannelParameter(type=DomainModels, optional=True),
        "hyprank": ChannelParameter(type=standard_artifacts.Model, optional=True),
    }
    OUTPUTS = {  # noqa: RUF012
        "versions": ChannelParameter(type=standard_artifacts.String),
        "added": ChannelParameter(type=standard_artifacts.String),
    }


class InService(base_component.BaseComponent):
    """Looks at what is in service before candidates are held against it.

    The candidates are read only so that a later run which makes the same ones finds what these were held
    against, and not themselves.

    Args:
        catalogue: The skills of the dataset.
        serving_dir: WORK/serving, an absolute path.
        model, domain_models, hyprank: The candidates.

    Outputs:
        versions: JSON of the version in service of each model; {} where no Shortlister is.
        added: JSON list of the skills that the Shortlister in service does not know; [] where there is none.
    """

    SPEC_CLASS = InServiceSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(InServiceExecutor)

    def __init__(
        self,
        *,
        catalogue: channel.BaseChannel,
        serving_dir: str,
        model: channel.BaseChannel,
        domain_models: channel.BaseChannel | None = None,
        hyprank: channel.BaseChannel | None = None,
    ) -> None:
        super().__init__(
            InServiceSpec(
                catalogue=catalogue,
                serving_dir=serving_dir,
                model=model,
                domain_models=domain_models,
                hyprank=hyprank,
                versions=channel.Channel(type=standard_artifacts.String),
                added=channel.Channel(type=standard_artifacts.String),
            )
        )


class PushSpec(component_spec.ComponentSpec):
    """Interface of `Push`."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attribute)
        "serving_dir": ExecutionParameter(type=str),
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
    """Installs the models that were judged together last, are blessed, and do what was recorded of them: all
    or none, each as the next version of its model, labelled stable.

    Which these are, and beside what, is written with the predictions. Beside nothing they are the whole
    system, and any other model leaves `models.config`. If what is in service is no longer what they were
    judged beside, the outcome is "superseded": nothing has changed, judge again.

    Args:
        verdict: Of the evaluation of `predictions`. Where it is forced, blessed or not is the same.
        predictions: What the system with these models answered when it was measured.
        serving_dir: WORK/serving, an absolute path.
        model: The Shortlister; its version folder lies under Format-Serving.
        domain_models: A version folder for each domain that changes.
        hyprank: HypRank, as `model`.
        options: JSON of `PushOptions`; checked here, before anything runs.

    Outputs: `pushed`, with the custom properties pushed (0 or 1), outcome, reason, verdict, forced,
        in_service (JSON of the versions afterwards), and for each model version.NAME and hash.NAME.
    Raises:
        ValueError: `serving_dir` is relative, no model is given, or `options` is not JSON of what is known.
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
        options: str = "{}",
    ) -> None:
        if not Path(serving_dir).is_absolute():
            raise ValueError(f"`serving_dir` must be absolute. Received: serving_dir={serving_dir!r}")
        if model is None and domain_models is None and hyprank is None:
            raise ValueError("one of `model`, `domain_models` and `hyprank` must be given. Received: none")
        read_options(options, PushOptions)
        super().__init__(
            PushSpec(
                model=model,
                domain_models=domain_models,
                hyprank=hyprank,
                verdict=verdict,
                predictions=predictions,
                serving_dir=serving_dir,
                options=options,
                pushed=channel.Channel(type=standard_artifacts.PushedModel),
            )
        )
