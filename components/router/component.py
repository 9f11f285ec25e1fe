"""The pipeline nodes that ask the models: for hypothesis lists, and for predictions of the whole system."""

from tfx.dsl.components.base import executor_spec
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.placeholder.placeholder import Placeholder
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.records.artifacts import DomainModels, Hypotheses, Predictions, Verdict
from components.records.model_set import check_service
from components.records.options import read_options
from components.router.executor import Executor, HypothesizeExecutor
from components.router.options import HypothesizeOptions, RankOptions

_PARAMETERS = {
    "options": ExecutionParameter(type=str),
    "serving_dir": ExecutionParameter(type=str),
    "in_service": ExecutionParameter(type=str),
}
_BASE_MODELS = {
    "model": ChannelParameter(type=standard_artifacts.Model, optional=True),
    "domain_models": ChannelParameter(type=DomainModels, optional=True),
}


class RankSpec(component_spec.ComponentSpec):
    """Interface of `Rank`."""

    PARAMETERS = _PARAMETERS
    INPUTS = {  # noqa: RUF012 (TFX reads the class attribute)
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        **_BASE_MODELS,
        "hyprank": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "verdict": ChannelParameter(type=Verdict, optional=True),
        "earlier": ChannelParameter(type=Predictions, optional=True),
    }
    OUTPUTS = {"predictions": ChannelParameter(type=Predictions)}  # noqa: RUF012


class Rank(BaseBeamComponent):
    """Predicts labelled examples with the composing code and the exported models that serving uses.

    The system that is asked is made of the versions in service and, in their place, the candidates given;
    with neither there is no prediction. With `verdict` it is what that has left of the candidates, beside
    what is in service: where it has refused nothing more, or left nothing, the earlier predictions are taken.

    Args:
        examples: Labelled requests.
        model: A Shortlister; its version folder lies under Format-Serving.
        domain_models: A version folder for each domain that has a model.
        hyprank: A HypRank; its version folder lies under Format-Serving.
        verdict: On these candidates, from `earlier`.
        earlier: Predictions that were judged before.
        options: JSON of `RankOptions`; checked here, before anything runs.
        serving_dir: WORK/serving, an absolute path; needed where `in_service` names a model.
        in_service: JSON of the version of each model in service that takes part, by name; or what gives it
            when the node runs.

    Outputs: `predictions`, Split-<name>/predictions-*.gz: the examples with `prediction.*` features added;
        beside them, `system.json`, the models that were asked, and `serving_cost.json`.
    Raises:
        ValueError: `options` is not JSON of known options with values in their ranges, `in_service` is not
            JSON of versions, or `serving_dir` is relative where it is needed.
    """

    SPEC_CLASS = RankSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self,
        examples: channel.BaseChannel,
        model: channel.BaseChannel | None = None,
        domain_models: channel.BaseChannel | None = None,
        hyprank: channel.BaseChannel | None = None,
        verdict: channel.BaseChannel | None = None,
        earlier: channel.BaseChannel | None = None,
        options: str = "{}",
        serving_dir: str = "",
        in_service: str | Placeholder = "{}",
    ) -> None:
        read_options(options, RankOptions)
        if isinstance(in_service, str):
            check_service(serving_dir, in_service)
        super().__init__(
            RankSpec(
                examples=examples,
                model=model,
                domain_models=domain_models,
                hyprank=hyprank,
                verdict=verdict,
                earlier=earlier,
                options=options,
                serving_dir=serving_dir,
                in_service=in_service,
                predictions=channel.Channel(type=Predictions),
            )
        )


class HypothesizeSpec(component_spec.ComponentSpec):
    """Interface of `Hypothesize`."""

    PARAMETERS = _PARAMETERS
    INPUTS = {  # noqa: RUF012 (TFX reads the class attribute)
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        **_BASE_MODELS,
    }
    OUTPUTS = {"hypotheses": ChannelParameter(type=Hypotheses)}  # noqa: RUF012


class Hypothesize(BaseBeamComponent):
    """Reads the Shortlister's candidates with the models of their domains, and judges the readings.

    The models are those in service and, in their place, the candidates given.

    Args:
        examples: Labelled requests.
        model: A Shortlister; its version folder lies under Format-Serving.
        domain_models: A version folder for each domain that has a model.
        options: JSON of `HypothesizeOptions`; checked here, before anything runs.
        serving_dir, in_service: As of `Rank`.

    Outputs: `hypotheses`, Split-<name>/hypotheses-*.gz: the examples with `hypotheses.*` features added.
    Raises:
        ValueError: As `Rank`.
    """

    SPEC_CLASS = HypothesizeSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(HypothesizeExecutor)

    def __init__(
        self,
        examples: channel.BaseChannel,
        model: channel.BaseChannel | None = None,
        domain_models: channel.BaseChannel | None = None,
        options: str = "{}",
        serving_dir: str = "",
        in_service: str = "{}",
    ) -> None:
        read_options(options, HypothesizeOptions)
        check_service(serving_dir, in_service)
        super().__init__(
            HypothesizeSpec(
                examples=examples,
                model=model,
                domain_models=domain_models,
                options=options,
                serving_dir=serving_dir,
                in_service=in_service,
                hypotheses=channel.Channel(type=Hypotheses),
            )
        )
