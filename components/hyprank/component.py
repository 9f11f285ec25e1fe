"""The pipeline nodes that train HypRank, and change its skills between trainings."""

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.hyprank.executor import Executor, SkillChangerExecutor
from components.hyprank.options import HypRankOptions
from components.records.artifacts import CatalogueArtifact, DomainModels, Hypotheses, SkillCounts
from components.records.model_set import check_service
from components.records.options import read_options
from components.records.skill_change import SkillChange


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
        "examples": ChannelParameter(type=standard_artifacts.Examples, optional=True),
        "parent_model": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "parent_model_run": ChannelParameter(type=standard_artifacts.ModelRun, optional=True),
        "parent_examples": ChannelParameter(type=standard_artifacts.Examples, optional=True),
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
        examples: The labelled requests of the lists; only asked for to compare them with `parent_examples`.
        parent_model, parent_model_run, parent_examples: A HypRank, what its training left, and the requests
            whose lists it learnt from. Where `examples` are these and more, training goes on from it.

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
        examples: channel.BaseChannel | None = None,
        parent_model: channel.BaseChannel | None = None,
        parent_model_run: channel.BaseChannel | None = None,
        parent_examples: channel.BaseChannel | None = None,
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
                examples=examples,
                parent_model=parent_model,
                parent_model_run=parent_model_run,
                parent_examples=parent_examples,
                model=channel.Channel(type=standard_artifacts.Model),
                model_run=channel.Channel(type=standard_artifacts.ModelRun),
            )
        )


class HypRankSkillChangerSpec(component_spec.ComponentSpec):
    """Interface of `HypRankSkillChanger`."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attribute)
        "change": ExecutionParameter(type=str),
        "serving_dir": ExecutionParameter(type=str),
        "in_service": ExecutionParameter(type=str),
    }
    INPUTS = {"catalogue": ChannelParameter(type=CatalogueArtifact)}  # noqa: RUF012
    OUTPUTS = {"model": ChannelParameter(type=standard_artifacts.Model)}  # noqa: RUF012


class HypRankSkillChanger(base_component.BaseComponent):
    """Makes the next version of HypRank with other rows of the skill table, without a training.

    Args:
        catalogue: All skills that there are afterwards.
        change: JSON of a `SkillChange`; checked here, before anything runs.
        serving_dir: WORK/serving, an absolute path.
        in_service: JSON of the version of each model in service, by name; HypRank's is one of them.

    Outputs: `model`, a version folder under Format-Serving.
    Raises:
        ValueError: `change` is no JSON of a change, `in_service` none of versions, or `serving_dir` is
            relative.
    """

    SPEC_CLASS = HypRankSkillChangerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(SkillChangerExecutor)

    def __init__(
        self, catalogue: channel.BaseChannel, change: str, serving_dir: str, in_service: str
    ) -> None:
        read_options(change, SkillChange, name="change")
        check_service(serving_dir, in_service)
        super().__init__(
            HypRankSkillChangerSpec(
                catalogue=catalogue,
                change=change,
                serving_dir=serving_dir,
                in_service=in_service,
                model=channel.Channel(type=standard_artifacts.Model),
            )
        )
