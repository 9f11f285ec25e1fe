"""The whole path on a slice of SGD, as its files are."""

import pytest

from pipelines.nodes import nodes_of
from tests.pipelines.command import arbiter, printed_json, run, states

FILES = ("train/dialogues_001.json", "dev/dialogues_001.json")


@pytest.fixture
def data(shared_data, tmp_path):
    for split in ("train", "dev"):
        (tmp_path / "sgd" / split).mkdir(parents=True)
        (tmp_path / "sgd" / split / "schema.json").symlink_to(shared_data / "sgd" / split / "schema.json")
    for file in FILES:
        (tmp_path / "sgd" / file).symlink_to(shared_data / "sgd" / file)
    folder = tmp_path / "data"
    imported = printed_json(arbiter("import", "sgd", tmp_path / "sgd", folder, "--json"))
    assert set(imported["requests"]) == {"train", "dev"}
    return folder


def test_a_slice_of_sgd_is_served(data, tmp_path):
    work = tmp_path / "work"
    checked = printed_json(arbiter("check", data, "--json"))
    assert checked["usable"]
    assert checked["bad"] == 0
    result = run(data, work)
    assert result.exit_code == 0, result.output
    assert states(result) == dict.fromkeys(nodes_of(rankers=False), "done")
    now = printed_json(arbiter("status", work, "--json"))
    assert now["models"][0]["labels"] == {"stable": 1}
    top5 = next(r for r in printed_json(arbiter("review", work, "--json"))["rows"] if r["metric"] == "top5")
    assert top5["value"] > 0.2
    routed = printed_json(arbiter("route", work, "find me a place to eat in san jose", "--json"))
    assert len(routed["hypotheses"]) == 5
