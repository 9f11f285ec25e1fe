"""The pipeline node that trains every domain's model."""

from tfx.dsl.components.base import base_beam_component, executor_spec
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.domain.executor import Executor
from components.domain.options import DomainOptions
from components.records.artifacts import CatalogueArtifact, DomainModels, DomainRuns
from components.records.options import read_options


class DomainTrainerSpec(component_spec.ComponentSpec):
    """Interface of `DomainTrainer`."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attribute)
        "options": ExecutionParameter(type=str),
        "domains": ExecutionParameter(type=str),
    }
    INPUTS = {  # noqa: RUF012
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "catalogue": ChannelParameter(type=CatalogueArtifact),
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

    Outputs: `models`, a version folder for each of them that has train requests; `runs`, what each training
        left beside, and report.json.
    Raises:
        ValueError: `options` is not a JSON object of known options with values in their ranges, or `domains`
            no JSON list of texts.
    """

    SPEC_CLASS = DomainTrainerSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(Executor)

    def __init__(
        self,
        examples: channel.BaseChannel,
        catalogue: channel.BaseChannel,
        options: str = "{}",
        domains: str = "[]",
    ) -> None:
        read_options(options, DomainOptions)
        read_options(domains, list[str], name="domains")
        super().__init__(
            DomainTrainerSpec(
                examples=examples,
                catalogue=catalogue,
                options=options,
                domains=domains,
                models=channel.Channel(type=DomainModels),
                runs=channel.Channel(type=DomainRuns),
            )
        )
