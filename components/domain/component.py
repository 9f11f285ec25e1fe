"""The pipeline nodes that train every domain's model, and change their skills between trainings."""

from tfx.dsl.components.base import base_beam_component, base_component, executor_spec
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.domain.executor import Executor, SkillChangerExecutor
from components.domain.options import DomainOptions
from components.records.artifacts import CatalogueArtifact, DomainModels, DomainRuns
from components.records.model_set import check_service
from components.records.options import read_options
from components.records.skill_change import SkillChange


class DomainTrainerSpec(component_spec.ComponentSpec):
    """Interface of `DomainTrainer`."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attribute)
        "options": ExecutionParameter(type=str),
        "domains": ExecutionParameter(type=str),
        "parent_domains": ExecutionParameter(type=str),
    }
    INPUTS = {  # noqa: RUF012
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "catalogue": ChannelParameter(type=CatalogueArtifact),
        "parent_models": ChannelParameter(type=DomainModels, optional=True),
        "parent_runs": ChannelParameter(type=DomainRuns, optional=True),
        "parent_examples": ChannelParameter(type=standard_artifacts.Examples, optional=True),
    }
    OUTPUTS = {  # noqa: RUF012
        "models": ChannelParameter(type=DomainModels),
        "runs": ChannelParameter(type=DomainRuns),
    }


class DomainTrainer(base_beam_component.BaseBeamComponent):
    """Trains one model per domain on labelled requests, side by side; calibrates by the dev split.

    Args:
        examples: Labelled requests with the splits train and dev.
        catalogue: The dataset's skills.
        options: JSON of `DomainOptions`; checked here, before anything runs.
        domains: JSON list of those to train alone, which must have train requests; empty: all of the
            catalogue.
        parent_models, parent_runs, parent_examples: Models, what their training left, and the requests that
            they learnt from. Where `examples` are these and more, trainings go on from them.
        parent_domains: JSON list of the names of those models that may be gone on from.

    Outputs: `models`, a version folder for each of them that has train requests; `runs`, what each training
        left beside, and report.json.
    Raises:
        ValueError: `options` is not a JSON object of known options with values in their ranges, or `domains`
            or `parent_domains` no JSON list of texts.
    """

    SPEC_CLASS = DomainTrainerSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self,
        examples: channel.BaseChannel,
        catalogue: channel.BaseChannel,
        options: str = "{}",
        domains: str = "[]",
        parent_models: channel.BaseChannel | None = None,
        parent_runs: channel.BaseChannel | None = None,
        parent_examples: channel.BaseChannel | None = None,
        parent_domains: str = "[]",
    ) -> None:
        read_options(options, DomainOptions)
        read_options(domains, list[str], name="domains")
        read_options(parent_domains, list[str], name="parent_domains")
        super().__init__(
            DomainTrainerSpec(
                examples=examples,
                catalogue=catalogue,
                options=options,
                domains=domains,
                parent_domains=parent_domains,
                parent_models=parent_models,
                parent_runs=parent_runs,
                parent_examples=parent_examples,
                models=channel.Channel(type=DomainModels),
                runs=channel.Channel(type=DomainRuns),
            )
        )


class DomainSkillChangerSpec(component_spec.ComponentSpec):
    """Interface of `DomainSkillChanger`."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attribute)
        "change": ExecutionParameter(type=str),
        "serving_dir": ExecutionParameter(type=str),
        "in_service": ExecutionParameter(type=str),
    }
    INPUTS = {"catalogue": ChannelParameter(type=CatalogueArtifact)}  # noqa: RUF012
    OUTPUTS = {"models": ChannelParameter(type=DomainModels)}  # noqa: RUF012


class DomainSkillChanger(base_component.BaseComponent):
    """Makes the next version of the domain models that a change of skills touches, without a training.

    Args:
        catalogue: All skills that there are afterwards.
        change: JSON of a `SkillChange`; checked here, before anything runs.
        serving_dir: WORK/serving, an absolute path.
        in_service: JSON of the version of each model in service, by name.

    Outputs: `models`, a version folder for each domain that is touched; there may be none.
    Raises:
        ValueError: `change` is no JSON of a change, `in_service` none of versions, or `serving_dir` is
            relative.
    """

    SPEC_CLASS = DomainSkillChangerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(SkillChangerExecutor)

    def __init__(
        self, catalogue: channel.BaseChannel, change: str, serving_dir: str, in_service: str
    ) -> None:
        read_options(change, SkillChange, name="change")
        check_service(serving_dir, in_service)
        super().__init__(
            DomainSkillChangerSpec(
                catalogue=catalogue,
                change=change,
                serving_dir=serving_dir,
                in_service=in_service,
                models=channel.Channel(type=DomainModels),
            )
        )
