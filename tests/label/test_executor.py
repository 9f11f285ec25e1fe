"""The Label node on what Ingest wrote."""

import json
from pathlib import Path

from components.ingest.component import Ingest
from components.label.component import Label
from components.records.examples import decode, labelled_from
from components.records.tfrecord import read_records
from tests.ingest.dataset import jsonl, request, write_dataset
from tests.ingest.test_executor import launch

SAID = "alexa ask city maps to find the way home"


def test_label_node(tmp_path):
    records = [request(f"a{i}", customer_id=f"c{i}", split="train", skill_id="radio") for i in range(20)]
    records += [
        request("named", SAID, split="train"),
        request("failed", split="train", skill_id="news", outcome="rejected"),
        request("failed twice", split="train", skill_id="news", outcome="rejected"),
        request("nowhere", split="test", outcome="out_of_scope"),
        request("measured", SAID, split="dev", skill_id="maps", also_correct=["news"]),
    ]
    data = write_dataset(tmp_path / "data", {"a.jsonl": jsonl(*records)})
    ingested = launch(node := Ingest(str(data), "f", '{"partition_bytes": 800}'), tmp_path)
    label = Label(node.outputs["examples"], node.outputs["catalogue"])
    made = launch(label, tmp_path, examples=ingested["examples"], catalogue=ingested["catalogue"])
    labelled, counts = Path(made["labelled"].uri), Path(made["popularity"].uri)

    files = {path.relative_to(labelled) for path in labelled.rglob("*.gz")}
    before = Path(ingested["examples"].uri)
    assert files == {path.relative_to(before) for path in before.rglob("*.gz")}
    assert made["labelled"].split_names == ingested["examples"].split_names
    for file in files:
        then = [decode(record) for record in read_records(before / file)]
        now = [decode(record) for record in read_records(labelled / file)]
        kept = [{k: v for k, v in values.items() if not k.startswith("label.")} for values in now]
        assert kept == then

    found = {
        labelled_request.request.request_id: labelled_request.label
        for file in files
        for record in read_records(labelled / file)
        for labelled_request in [labelled_from(decode(record))]
    }
    assert len(found) == len(records)
    assert (found["named"].skill_id, found["named"].text) == ("maps", "find the way home")
    assert found["named"].rule == "invocation.ask.v1"
    assert (found["failed"].skill_id, found["failed"].negative_skill) == (None, "news")
    assert found["nowhere"].skill_id is found["nowhere"].negative_skill is None
    assert found["measured"].text == "find the way home"

    in_train = sum(path.parent.name == "Split-train" for path in files)
    assert in_train > 1
    popularity = json.loads((counts / "popularity.json").read_text())
    report = json.loads((counts / "label_report.json").read_text())
    assert "news" not in popularity
    assert popularity["radio"] + popularity.get("maps", 0) == (
        report["source"]["train"]["annotated"] + report["source"]["train"].get("invocation", 0)
    )
    assert sum(count for own in report["rule"].values() for count in own.values()) == len(records)


def test_rare_commands_do_not_label(tmp_path):
    said = ["ask radio to play some jazz", "alexa ask radio to Play  some jazz", "ask radio to play the news"]
    records = [request(f"r{i}", text, split="dev") for i, text in enumerate(said)]
    data = write_dataset(tmp_path / "data", {"a.jsonl": jsonl(*records)})
    ingested = launch(node := Ingest(str(data), "f"), tmp_path)
    label = Label(node.outputs["examples"], node.outputs["catalogue"], '{"min_count": 2}')
    made = launch(label, tmp_path, examples=ingested["examples"], catalogue=ingested["catalogue"])
    report = json.loads((Path(made["popularity"].uri) / "label_report.json").read_text())
    assert report["rule"]["dev"] == {"invocation.ask.v1": 2, "invocation.rare.v1": 1}
