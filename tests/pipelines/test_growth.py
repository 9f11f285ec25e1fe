"""A dataset folder that grows between runs: only what is new is read, and a repeated run is cached."""

import json
from pathlib import Path

from tfx.types import standard_artifacts
from typer.testing import CliRunner

from components.ingest.report import read_report
from components.records.artifact_files import version_folder_in
from components.records.artifacts import copy_growth, grew_from, mark_growth
from components.records.version_folder import read_manifest
from pipelines.config import options_json, read_config
from pipelines.history import History
from pipelines.node import app
from pipelines.nodes import DOMAINS, HYPRANK, INGEST, LABEL, SHORTLISTER
from pipelines.plan import read_plan
from pipelines.workspace import Workspace
from tests.ingest.dataset import SKILLS, jsonl, read_splits, request, write_dataset
from tests.pipelines.command import TINY, WHOLE, run, states


def week(number):
    return jsonl(
        *(
            request(
                f"{number}-{i}",
                f"utterance {i}",
                customer_id=f"c{i % 53}",
                timestamp=f"2026-11-{number:02d}T10:{i % 60:02d}:00Z",
                skill_id=("radio", "maps", "news")[i % 3],
            )
            for i in range(211)
        )
    )


def report(work):
    return read_report(Path(History(Workspace.at(work)).newest_output(INGEST, "dead_letters")))


def planned(data, work, *settings):
    """The nodes of a run as a cluster's first task plans it."""
    config = options_json(read_config(None, (*TINY, *settings)))
    result = CliRunner().invoke(app, ["plan", str(work), "planned", str(data), config])
    assert result.exit_code == 0, result.output
    graph = read_plan(Workspace.at(work), "planned").graph
    return {each.pipeline_node.node_info.id for each in graph.nodes}


def test_a_run_on_a_folder_that_grew_reads_what_is_new_and_goes_on_from_the_models_in_service(tmp_path):
    work, until = tmp_path / "work", ("--until", HYPRANK)
    settings = (*WHOLE, "push.requests=5")
    data = write_dataset(tmp_path / "data", {"w1.jsonl": week(1)})
    assert states(run(data, work, *settings))["Push"] == "done"
    chess = {"skill_id": "chess", "domain": "Games", "name": "Chess", "examples": ["castle to the left"]}
    write_dataset(data, {"w2.jsonl": week(8)}, [*SKILLS, chess])
    assert {"Earlier.state", "Parent.model", "ParentDomains.runs", "ParentHypRank.model"} <= planned(
        data, work, *settings
    )
    grown = run(data, work, *settings, flags=until)
    assert states(grown)["Ingest"] == states(grown)[SHORTLISTER] == "done"
    assert "Earlier" not in grown.stdout
    assert "Parent" not in grown.stdout
    assert (report(work).span, report(work).read, report(work).records_in) == (2, 211, 422)
    history = History(Workspace.at(work))
    labelled = read_splits(Path(history.newest_output(LABEL, "labelled")))
    assert sum(map(len, labelled.values())) == 422
    ingested, trained = next(history.every(INGEST)), next(history.every(SHORTLISTER))
    assert ingested.inputs["earlier_examples"] != ingested.outputs["examples"]
    manifest = read_manifest(version_folder_in(Path(trained.outputs["model"])))
    assert manifest.lineage["warm_start"] == "3 of 4 skills known, 0 gone"
    assert manifest.lineage["parent_model"].startswith("artifact ")
    assert (
        trained.inputs["parent_model"] == next(iter(list(history.every(SHORTLISTER))[-1:])).outputs["model"]
    )
    first, second = reversed(list(history.every(DOMAINS)))
    assert second.inputs["parent_models"] == first.outputs["models"]
    assert second.inputs["parent_runs"] == first.outputs["runs"]
    names = json.loads(second.parameters["parent_domains"])
    assert names
    for name in names:
        lineage = read_manifest(Path(second.outputs["models"]) / name).lineage
        assert "intents and" in lineage["warm_start"]
        assert lineage["parent_models"].startswith("artifact ")
    first, second = reversed(list(history.every(HYPRANK)))
    assert second.inputs["parent_model_run"] == first.outputs["model_run"]
    lineage = read_manifest(version_folder_in(Path(second.outputs["model"]))).lineage
    assert lineage["warm_start"] == "all weights of the earlier model"
    assert set(states(run(data, work, *settings, flags=until)).values()) == {"cached"}


def test_only_the_same_folder_grown_may_be_gone_on_from():
    made = [standard_artifacts.Examples() for _ in range(4)]
    for artifact, span, chain in zip(made, (1, 2, 2, 3), ("a", "a", "b", ""), strict=True):
        mark_growth(artifact, span=span, chain=chain)
    first, grown, other, unknown = made
    assert grew_from(grown, first)
    assert not grew_from(first, grown)
    assert not grew_from(grown, grown)
    assert not grew_from(other, first)
    assert not grew_from(unknown, unknown)
    copy_growth(first, other)
    assert grew_from(grown, other)
