"""The work of the Ingest, RequestSchema and DataGate nodes: from artifacts to paths, and back."""

import logging
from pathlib import Path
from typing import Any

from tensorflow_metadata.proto.v0 import anomalies_pb2
from tfx.components.util import examples_utils
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.proto import example_gen_pb2
from tfx.types import artifact_utils

from components.ingest.gate import judge, require, write_verdict
from components.ingest.options import GateOptions, IngestOptions
from components.ingest.pipeline import IngestPaths
from components.ingest.report import read_report
from components.ingest.run import ingest
from components.ingest.schema import write_schema
from components.ingest.span import read_earlier, read_span
from components.records.artifacts import Artifacts, folder_of, mark_growth, optional_folder_of
from components.records.options import read_options
from components.records.request import SPLITS

_ANOMALIES_FILE = "SchemaDiff.pb"


class IngestExecutor(BaseBeamExecutor):
    """Runs `run.ingest`."""

    def Do(  # noqa: N802 (TFX's name)
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        examples = artifact_utils.get_single_instance(output_dict["examples"])
        examples.split_names = artifact_utils.encode_split_names(list(SPLITS))
        examples_utils.set_payload_format(examples, example_gen_pb2.PayloadFormat.FORMAT_TF_EXAMPLE)
        paths = IngestPaths(
            examples=Path(examples.uri),
            catalogue=folder_of(output_dict, "catalogue"),
            letters=folder_of(output_dict, "dead_letters"),
            state=folder_of(output_dict, "state"),
            spill=Path(self._get_tmp_dir()) / "spill",
        )
        options = read_options(exec_properties["options"], IngestOptions)
        earlier = read_earlier(
            optional_folder_of(input_dict, "earlier_examples"),
            optional_folder_of(input_dict, "earlier_state"),
        )
        ingest(
            Path(exec_properties["data"]),
            paths,
            options,
            self._make_beam_pipeline,
            earlier=earlier,
            say=logging.info,
        )
        span = read_span(paths.state)
        mark_growth(examples, span=span.span, chain=span.chain)


class RequestSchemaExecutor(BaseExecutor):
    """Runs `schema.write_schema`."""

    def Do(  # noqa: N802
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        write_schema(folder_of(output_dict, "schema"))


class DataGateExecutor(BaseExecutor):
    """Runs `gate.judge`; TFX deletes a failed node's outputs, so the verdict also goes to `report_dir`."""

    def Do(  # noqa: N802
        self, input_dict: Artifacts, output_dict: Artifacts, exec_properties: dict[str, Any]
    ) -> None:
        letters = folder_of(input_dict, "dead_letters")
        report = read_report(letters)
        options = read_options(exec_properties["options"], GateOptions)
        artifact = artifact_utils.get_single_instance(output_dict["verdict"])
        verdict = judge(report, _anomalies(input_dict), options)
        write_verdict(Path(artifact.uri), verdict)
        if exec_properties.get("report_dir"):
            write_verdict(Path(exec_properties["report_dir"]), verdict)
        artifact.blessed = int(verdict.blessed)
        require(verdict, report, letters)


def _anomalies(input_dict: Artifacts) -> dict[str, dict[str, str]]:
    artifact = artifact_utils.get_single_instance(input_dict["anomalies"])
    return {
        split: _read_anomalies(Path(artifact_utils.get_split_uri([artifact], split)) / _ANOMALIES_FILE)
        for split in artifact_utils.decode_split_names(artifact.split_names)
    }


def _read_anomalies(path: Path) -> dict[str, str]:
    """Feature to description; an anomaly of the whole split goes by `(dataset)`.

    An empty split is no anomaly: how many requests a split needs is a limit of its own.
    """
    found = anomalies_pb2.Anomalies.FromString(path.read_bytes())
    own = {feature: info.description for feature, info in found.anomaly_info.items()}
    if found.HasField("dataset_anomaly_info"):
        own["(dataset)"] = found.dataset_anomaly_info.description
    return own
