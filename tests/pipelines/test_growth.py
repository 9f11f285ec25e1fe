"""A dataset folder that grows between runs: only what is new is read, and a repeated run is cached."""

from pathlib import Path

from components.ingest.report import read_report
from pipelines.history import History
from pipelines.nodes import INGEST, LABEL
from pipelines.workspace import Workspace
from tests.ingest.dataset import jsonl, read_splits, request, write_dataset
from tests.pipelines.command import run, states


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


def test_a_run_on_a_folder_that_grew_reads_what_is_new(tmp_path):
    work, until = tmp_path / "work", ("--until", "Label")
    data = write_dataset(tmp_path / "data", {"w1.jsonl": week(1)})
    assert states(run(data, work, flags=until))["Ingest"] == "done"
    write_dataset(data, {"w2.jsonl": week(8)})
    grown = run(data, work, flags=until)
    assert states(grown)["Ingest"] == "done"
    assert "Earlier" not in grown.stdout
    assert (report(work).span, report(work).read, report(work).records_in) == (2, 211, 422)
    labelled = read_splits(Path(History(Workspace.at(work)).newest_output(LABEL, "labelled")))
    assert sum(map(len, labelled.values())) == 422
    assert set(states(run(data, work, flags=until)).values()) == {"cached"}
    made = next(History(Workspace.at(work)).every(INGEST))
    assert made.inputs["earlier_examples"] != made.outputs["examples"]
