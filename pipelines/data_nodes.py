"""The beginning of a graph that reads a dataset: read, look at, gate, label."""

from pathlib import Path
from typing import NamedTuple

from tfx.components import ExampleValidator, StatisticsGen
from tfx.dsl.components.base.base_node import BaseNode
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel

from components.ingest.component import DataGate, Ingest, RequestSchema
from components.ingest.options import GateOptions, IngestOptions
from components.label.component import Label
from components.label.options import LabelOptions
from components.records.artifacts import IngestState
from pipelines import nodes
from pipelines.config import options_json
from pipelines.earlier import EarlierIngest
from pipelines.importers import importers_of

EARLIER = {"examples": standard_artifacts.Examples, "state": IngestState}


class Data(NamedTuple):
    """What a dataset gives the nodes after it; `nodes` in the order in which they run.

    `gate` has the verdict on the data; None where an earlier run has judged it.
    """

    nodes: tuple[BaseNode, ...]
    examples: BaseChannel
    catalogue: BaseChannel
    popularity: BaseChannel
    dead_letters: BaseChannel
    gate: BaseChannel | None = None


def data_nodes(
    data: Path,
    fingerprint: str,
    *,
    ingest: IngestOptions,
    gate: GateOptions,
    label: LabelOptions,
    reports: Path,
    earlier: EarlierIngest | None = None,
) -> Data:
    """Ingest, StatisticsGen, RequestSchema, ExampleValidator, DataGate and Label.

    Args:
        data: The dataset folder, absolute.
        fingerprint: Of its content; nodes are cached by it.
        reports: Gets the gate's verdict where it stops the graph.
        earlier: An ingest of the same folder, of which only what is new is to be read.

    Raises:
        ValueError: An option breaks its rule.
    """
    importers = {} if earlier is None else importers_of("Earlier", EARLIER, earlier._asdict())
    read = Ingest(
        data=str(data),
        data_fingerprint=fingerprint,
        options=options_json(ingest),
        **{f"earlier_{name}": importer.outputs["result"] for name, importer in importers.items()},
    ).with_id(nodes.INGEST)
    statistics = StatisticsGen(examples=read.outputs["examples"]).with_id(nodes.STATISTICS)
    schema = RequestSchema().with_id(nodes.SCHEMA)
    validation = ExampleValidator(
        statistics=statistics.outputs["statistics"], schema=schema.outputs["schema"]
    ).with_id(nodes.VALIDATION)
    judged = DataGate(
        anomalies=validation.outputs["anomalies"],
        dead_letters=read.outputs["dead_letters"],
        options=options_json(gate),
        report_dir=str(reports),
    ).with_id(nodes.GATE)
    labelled = Label(
        examples=read.outputs["examples"],
        catalogue=read.outputs["catalogue"],
        options=options_json(label),
    ).with_id(nodes.LABEL)
    labelled.add_upstream_node(judged)
    return Data(
        nodes=(*importers.values(), read, statistics, schema, validation, judged, labelled),
        examples=labelled.outputs["labelled"],
        catalogue=read.outputs["catalogue"],
        popularity=labelled.outputs["popularity"],
        dead_letters=read.outputs["dead_letters"],
        gate=judged.outputs["verdict"],
    )
