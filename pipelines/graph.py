"""The one graph, from a dataset folder to a served model. Builds it and does nothing else."""

from collections.abc import Sequence
from pathlib import Path

import msgspec
from tfx.components import ExampleValidator, StatisticsGen
from tfx.orchestration.metadata import sqlite_metadata_connection_config
from tfx.orchestration.pipeline import Pipeline

from components.ingest.component import DataGate, Ingest, RequestSchema
from components.label.component import Label
from components.shortlister.component import ShortlisterTrainer
from pipelines import nodes
from pipelines.config import Config, options_json
from pipelines.judging import Judged, Judging, judging_nodes
from pipelines.workspace import Workspace

NAME = "arbiter"
EFFECTS = (nodes.PUSH,)
"""Nodes that change something outside their artifacts."""

LOCAL_BEAM = (
    "--runner=FnApiRunner",  # the default one tries to download Prism first
    "--direct_running_mode=in_memory",
    "--direct_num_workers=1",
    "--sdk_container_image=none",  # else TFX packs itself for every node; local runners ignore it
)


def create_pipeline(
    config: Config,
    *,
    data: Path,
    data_fingerprint: str,
    workspace: Workspace,
    cache: bool = True,
    command: str = "",
    beam: Sequence[str] = LOCAL_BEAM,
) -> Pipeline:
    """The graph of one dataset and one workspace.

    Args:
        config: Options of every part.
        data: The dataset folder, absolute.
        data_fingerprint: Of its content; nodes are cached by it.
        workspace: Where metadata, artifacts and served models go.
        cache: Whether a node whose inputs and options are as before takes its earlier result.
        command: The command that makes this run again, for the review.
        beam: Arguments of the Beam runner.

    Raises:
        ValueError: An option breaks its rule.
    """
    ingest = Ingest(
        data=str(data), data_fingerprint=data_fingerprint, options=options_json(config.ingest)
    ).with_id(nodes.INGEST)
    statistics = StatisticsGen(examples=ingest.outputs["examples"]).with_id(nodes.STATISTICS)
    schema = RequestSchema().with_id(nodes.SCHEMA)
    validation = ExampleValidator(
        statistics=statistics.outputs["statistics"], schema=schema.outputs["schema"]
    ).with_id(nodes.VALIDATION)
    gate = DataGate(
        anomalies=validation.outputs["anomalies"],
        dead_letters=ingest.outputs["dead_letters"],
        options=options_json(config.gate),
        report_dir=str(workspace.reports / "data"),
    ).with_id(nodes.GATE)
    label = Label(
        examples=ingest.outputs["examples"],
        catalogue=ingest.outputs["catalogue"],
        options=options_json(config.label),
    ).with_id(nodes.LABEL)
    label.add_upstream_node(gate)
    shortlister = ShortlisterTrainer(
        examples=label.outputs["labelled"],
        catalogue=ingest.outputs["catalogue"],
        options=options_json(config.shortlister),
        checkpoints_dir=str(workspace.checkpoints / nodes.SHORTLISTER),
    ).with_id(nodes.SHORTLISTER)
    judged = Judged(
        model=shortlister.outputs["model"],
        model_run=shortlister.outputs["model_run"],
        examples=label.outputs["labelled"],
        catalogue=ingest.outputs["catalogue"],
        popularity=label.outputs["popularity"],
        dead_letters=ingest.outputs["dead_letters"],
    )
    judging = Judging(
        rank=config.rank,
        evaluate=config.evaluate,
        review=msgspec.structs.replace(config.review, command=command),
        push=config.push,
    )
    return Pipeline(
        pipeline_name=NAME,
        pipeline_root=str(workspace.artifacts),
        components=[
            ingest,
            statistics,
            schema,
            validation,
            gate,
            label,
            shortlister,
            *judging_nodes(judged, judging, workspace=workspace),
        ],
        enable_cache=cache,
        metadata_connection_config=sqlite_metadata_connection_config(str(workspace.metadata)),
        beam_pipeline_args=list(beam),
    )
