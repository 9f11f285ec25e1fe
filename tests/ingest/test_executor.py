"""The TFX nodes, called as a runner calls them, with TFX's own validators between them."""

import json
from pathlib import Path
from typing import Any

import pytest
from tfx.components import ExampleValidator, StatisticsGen
from tfx.dsl.components.base.base_beam_executor import BaseBeamExecutor
from tfx.dsl.components.base.base_executor import BaseExecutor
from tfx.types import artifact_utils
from tfx.types.artifact import Artifact

from components.ingest.component import DataGate, Ingest, RequestSchema
from components.ingest.gate import BadDataError
from tests.ingest.dataset import jsonl, request, write_dataset

BEAM = ["--runner=FnApiRunner", "--direct_running_mode=in_memory", "--sdk_container_image=none"]


def launch(component: Any, folder: Path, **inputs: Artifact) -> dict[str, Artifact]:
    """Runs the component's executor on artifacts in `folder`, without a metadata store."""
    outputs = {}
    for name, channel in component.outputs.items():
        outputs[name] = channel.type()
        outputs[name].uri = str(folder / component.id / name)
        Path(outputs[name].uri).mkdir(parents=True)
    executor = component.executor_spec.executor_class
    if issubclass(executor, BaseBeamExecutor):
        context = BaseBeamExecutor.Context(
            beam_pipeline_args=BEAM, tmp_dir=str(folder / "tmp"), unique_id="1"
        )
    else:
        context = BaseExecutor.Context(tmp_dir=str(folder / "tmp"), unique_id="1")
    executor(context).Do(
        {name: [artifact] for name, artifact in inputs.items()},
        {name: [artifact] for name, artifact in outputs.items()},
        {name: value for name, value in component.exec_properties.items() if value is not None},
    )
    return outputs


def validate(folder: Path, examples: Artifact) -> Artifact:
    """Anomalies of the examples against the request schema, by TFX's own nodes."""
    schema = launch(made := RequestSchema(), folder)["schema"]
    counted = StatisticsGen(examples=Ingest("x", "x").outputs["examples"])
    statistics = launch(counted, folder, examples=examples)["statistics"]
    validator = ExampleValidator(statistics=counted.outputs["statistics"], schema=made.outputs["schema"])
    return launch(validator, folder, statistics=statistics, schema=schema)["anomalies"]


def gate(folder: Path, anomalies: Artifact, dead_letters: Artifact, **options: Any) -> Artifact:
    node = DataGate(
        ExampleValidator(
            statistics=StatisticsGen(Ingest("x", "x").outputs["examples"]).outputs["statistics"],
            schema=RequestSchema().outputs["schema"],
        ).outputs["anomalies"],
        Ingest("x", "x").outputs["dead_letters"],
        json.dumps(options),
        str(folder / "reports"),
    )
    return launch(node, folder, anomalies=anomalies, dead_letters=dead_letters)["verdict"]


def test_ingest_to_gate(tmp_path):
    records = [
        request(f"r{i}", customer_id=f"c{i}", skill_id="radio", enabled_skills=["radio"], context={"turn": i})
        for i in range(40)
    ]
    data = write_dataset(tmp_path / "data", {"a.jsonl": jsonl(*records) + b"bad\n"})
    made = launch(Ingest(str(data), "fingerprint"), tmp_path)
    assert artifact_utils.decode_split_names(made["examples"].split_names) == ["train", "rank", "dev", "test"]
    assert (Path(made["catalogue"].uri) / "catalogue.jsonl").read_bytes().count(b"\n") == 3
    anomalies = validate(tmp_path, made["examples"])
    verdict = gate(tmp_path / "good", anomalies, made["dead_letters"])
    assert verdict.blessed == 1
    with pytest.raises(BadDataError, match=r"2.44% of 41 records are bad; allowed: 1.00%"):
        gate(tmp_path / "bad", anomalies, made["dead_letters"], max_bad_share=0.01)
    kept = json.loads((tmp_path / "bad" / "reports" / "verdict.json").read_text())
    assert kept["blessed"] is False


def test_an_empty_split_is_a_limit_of_its_own(tmp_path):
    data = write_dataset(tmp_path / "data", {"a.jsonl": jsonl(request("r", customer_id="c", split="train"))})
    options = json.dumps({"shares": {"rank": 0.0, "dev": 0.0, "test": 0.0}})
    made = launch(Ingest(str(data), "fingerprint", options), tmp_path)
    anomalies = validate(tmp_path, made["examples"])
    with pytest.raises(BadDataError, match="dev has 0 requests; needed: 1"):
        gate(tmp_path / "bad", anomalies, made["dead_letters"])
    assert gate(tmp_path / "good", anomalies, made["dead_letters"], min_dev=0, min_test=0).blessed == 1


def test_options_are_checked_when_the_graph_is_built():
    with pytest.raises(ValueError, match="unknown field `colour`"):
        Ingest("data", "fingerprint", '{"colour": 1}')
