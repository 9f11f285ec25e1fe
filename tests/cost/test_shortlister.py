import json

import msgspec
import pytest

from benchmarks import shortlister
from benchmarks.cost.trained import Asked, Trained
from tests.shortlister.twin.test_twin import IDS, save

NAMED = (
    *("skills", "tflite_bytes", "savedmodel_bytes", "p50_ms", "p99_ms", "savedmodel_p99_ms", "rss_mb"),
    *("idle_rss_mb", "requests", "top1", "recall5", "model_version"),
)
TIMED = {"requests": 7, "p50_ms": 0.5, "p99_ms": 0.75, "rss_mb": 80.0, "idle_rss_mb": 70.0}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return save(tmp_path_factory.mktemp("model"), storage="int8", skills=3)


@pytest.mark.parametrize(("known", "status"), [(9, 0), (8, 1)])
def test_one_line_with_all_figures_and_1_where_too_few_skills_are_found(
    folder, tmp_path, monkeypatch, capsys, known, status
):
    """Three skills are all among the first five; one that the model lacks never is."""
    asked = [Asked("play music", (), IDS[0] if number < known else "unheard-of") for number in range(10)]
    (tmp_path / "requests.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, asked)))
    made = Trained(version_folder=str(folder), requests=str(tmp_path / "requests.jsonl"), seconds=1.0)
    monkeypatch.setattr(shortlister, "trained", lambda plan, cache: made)
    monkeypatch.setattr(shortlister, "_process", lambda made, requests, form: TIMED)
    assert shortlister.main(["--skills", "3", "--json"]) == status
    (line,) = capsys.readouterr().out.splitlines()
    found = json.loads(line)
    assert set(NAMED) <= set(found)
    assert found["recall5"] == known / 10
    assert found["tflite_bytes"] == (folder / "model.tflite").stat().st_size
    assert found["savedmodel_p99_ms"] == found["p99_ms"] == TIMED["p99_ms"]


def test_no_request_can_not_be_timed(capsys):
    with pytest.raises(SystemExit, match="2"):
        shortlister.main(["--skills", "3", "--requests", "0"])
    assert "`--requests` must be at least 1. Received: 0" in capsys.readouterr().err
