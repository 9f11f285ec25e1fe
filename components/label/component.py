"""The node that labels requests."""

from tfx.dsl.components.base import executor_spec
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.label.executor import LabelExecutor
from components.label.options import LabelOptions
from components.records.artifacts import CatalogueArtifact, SkillCounts
from components.records.options import read_options


class LabelSpec(ComponentSpec):
    PARAMETERS = {"options": ExecutionParameter(type=str)}  # noqa: RUF012 (TFX reads the class attributes)
    INPUTS = {  # noqa: RUF012
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "catalogue": ChannelParameter(type=CatalogueArtifact),
    }
    OUTPUTS = {  # noqa: RUF012
        "labelled": ChannelParameter(type=standard_artifacts.Examples),
        "popularity": ChannelParameter(type=SkillCounts),
    }


class Label(BaseBeamComponent):
    """Writes beside each request what it teaches, and counts how often each skill is right in train.

    Args:
        examples: From Ingest.
        catalogue: From Ingest.
        options: JSON of `LabelOptions`; checked when the graph is built.

    Outputs:
        labelled: The same requests with their `label.*` features, same splits and files (Examples).
        popularity: `popularity.json` and `label_report.json` (SkillCounts).
    """

    SPEC_CLASS = LabelSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(LabelExecutor)

    def __init__(self, examples: BaseChannel, catalogue: BaseChannel, options: str = "{}") -> None:
        read_options(options, LabelOptions)
        super().__init__(
            spec=LabelSpec(
                examples=examples,
                catalogue=catalogue,
                options=options,
                labelled=Channel(type=standard_artifacts.Examples),
                popularity=Channel(type=SkillCounts),
            )
        )
