"""The nodes that bring data in: Ingest, RequestSchema and DataGate."""

import hashlib
from typing import ClassVar

from tfx.dsl.components.base import executor_spec
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.ingest.executor import DataGateExecutor, IngestExecutor, RequestSchemaExecutor
from components.ingest.options import GateOptions, IngestOptions
from components.ingest.schema import schema_text
from components.records.artifacts import CatalogueArtifact, DeadLetters, IngestState, Verdict
from components.records.options import read_options


class IngestSpec(ComponentSpec):
    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attributes)
        "data": ExecutionParameter(type=str),
        "data_fingerprint": ExecutionParameter(type=str),
        "options": ExecutionParameter(type=str),
    }
    INPUTS = {  # noqa: RUF012
        "earlier_examples": ChannelParameter(type=standard_artifacts.Examples, optional=True),
        "earlier_state": ChannelParameter(type=IngestState, optional=True),
    }
    OUTPUTS = {  # noqa: RUF012
        "state": ChannelParameter(type=IngestState),
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "catalogue": ChannelParameter(type=CatalogueArtifact),
        "dead_letters": ChannelParameter(type=DeadLetters),
    }


class Ingest(BaseBeamComponent):
    """Reads, checks, de-duplicates and splits a dataset folder.

    Args:
        data: The dataset's folder: `catalogue.jsonl` and request files.
        data_fingerprint: Of the folder's content; a cached result holds while it is the same.
        options: JSON of `IngestOptions`; checked when the graph is built.
        earlier_examples, earlier_state: Outputs of an earlier Ingest of the folder. Where it only grew since,
            only its new files are read. None reads all.

    Outputs:
        examples: Requests by split, gzip TFRecords (Examples); property `span`: how often the folder was read
            as it grew. Files of earlier spans are taken as they are.
        state: What the next span must know of this one and those before (IngestState).
        catalogue: The skills, validated (CatalogueArtifact).
        dead_letters: `dead_letters.jsonl` and `report.json` (DeadLetters).
    """

    SPEC_CLASS = IngestSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(IngestExecutor)

    def __init__(
        self,
        data: str,
        data_fingerprint: str,
        options: str = "{}",
        earlier_examples: BaseChannel | None = None,
        earlier_state: BaseChannel | None = None,
    ) -> None:
        read_options(options, IngestOptions)
        super().__init__(
            spec=IngestSpec(
                data=data,
                data_fingerprint=data_fingerprint,
                options=options,
                earlier_examples=earlier_examples,
                earlier_state=earlier_state,
                state=Channel(type=IngestState),
                examples=Channel(type=standard_artifacts.Examples),
                catalogue=Channel(type=CatalogueArtifact),
                dead_letters=Channel(type=DeadLetters),
            )
        )


class RequestSchemaSpec(ComponentSpec):
    PARAMETERS = {"schema_hash": ExecutionParameter(type=str)}  # noqa: RUF012
    INPUTS: ClassVar[dict[str, ChannelParameter]] = {}
    OUTPUTS = {"schema": ChannelParameter(type=standard_artifacts.Schema)}  # noqa: RUF012


class RequestSchema(BaseComponent):
    """Writes the schema of request Examples, made from the records' list of features.

    Outputs:
        schema: `schema.pbtxt` (Schema); made again when the features change.
    """

    SPEC_CLASS = RequestSchemaSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(RequestSchemaExecutor)

    def __init__(self) -> None:
        super().__init__(
            spec=RequestSchemaSpec(
                schema_hash=hashlib.sha256(schema_text().encode()).hexdigest(),
                schema=Channel(type=standard_artifacts.Schema),
            )
        )


class DataGateSpec(ComponentSpec):
    PARAMETERS = {  # noqa: RUF012
        "options": ExecutionParameter(type=str),
        "report_dir": ExecutionParameter(type=str),
    }
    INPUTS = {  # noqa: RUF012
        "anomalies": ChannelParameter(type=standard_artifacts.ExampleAnomalies),
        "dead_letters": ChannelParameter(type=DeadLetters),
    }
    OUTPUTS = {"verdict": ChannelParameter(type=Verdict)}  # noqa: RUF012


class DataGate(BaseComponent):
    """Stops the run where the data is worse than the limits allow.

    Args:
        anomalies: From ExampleValidator.
        dead_letters: From Ingest.
        options: JSON of `GateOptions`; checked when the graph is built.
        report_dir: A folder that keeps `verdict.json` when the node fails; empty for none.

    Outputs:
        verdict: `verdict.json` with every check; property `blessed` (Verdict).

    Raises (when run):
        BadDataError: A limit does not hold; the message has the counts and the first refused records.
    """

    SPEC_CLASS = DataGateSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(DataGateExecutor)

    def __init__(
        self, anomalies: BaseChannel, dead_letters: BaseChannel, options: str = "{}", report_dir: str = ""
    ) -> None:
        read_options(options, GateOptions)
        super().__init__(
            spec=DataGateSpec(
                anomalies=anomalies,
                dead_letters=dead_letters,
                options=options,
                report_dir=report_dir,
                verdict=Channel(type=Verdict),
            )
        )
