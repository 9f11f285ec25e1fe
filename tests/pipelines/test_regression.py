"""`arbiter predict --expect` on the tiny Shortlister: tables, JSON and exit codes."""

import json

import pytest

from tests.pipelines.command import arbiter, printed_json
from tests.router.conftest import put_in_service
from tests.saved_models import save_shortlister

SAID = {"utterance": "play something"}


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    root = tmp_path_factory.mktemp("regression")
    put_in_service(root / "work", save_shortlister(root / "model"), 1)
    (root / "work" / "metadata").mkdir()
    (root / "work" / "metadata" / "metadata.sqlite").touch()
    return root / "work"


def test_a_regression_set_says_what_moved(work, tmp_path):
    first, second, *_ = printed_json(arbiter("route", work, SAID["utterance"], "--json"))["hypotheses"]
    fine, moved = tmp_path / "fine.jsonl", tmp_path / "moved.jsonl"
    fine.write_text(json.dumps(SAID | {"skill_id": first["skill_id"]}) + "\n", encoding="utf-8")
    moved.write_text(fine.read_text() + json.dumps(SAID | {"skill_id": second["skill_id"]}), encoding="utf-8")
    passed = arbiter("predict", work, "--expect", fine)
    assert passed.exit_code == 0
    assert passed.stdout == f"{fine}: 1 of 1 requests reach their skill.\n"
    failed = arbiter("predict", work, "--expect", moved)
    assert failed.exit_code == 1
    assert failed.stdout.splitlines()[1].split()[:6] == [
        *("line", "2", second["skill_id"], first["skill_id"], f"{first['confidence']:.4f}", "2")
    ]
    assert "1 of 2 requests reach" in failed.stdout
    told = printed_json(arbiter("predict", work, "--expect", moved, "--json"))
    assert (told["requests"], told["reached"], told["missed"][0]["got"]) == (2, 1, first["skill_id"])


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (json.dumps(SAID), "line 1: `skill_id` must name the skill"),
        ("", "holds no request"),
    ],
)
def test_a_set_that_cannot_be_read_is_a_wrong_call(work, tmp_path, text, said):
    bad = tmp_path / "bad.jsonl"
    bad.write_text(text, encoding="utf-8")
    refused = arbiter("predict", work, "--expect", bad)
    assert refused.exit_code == 2
    assert said in refused.stderr


def test_either_a_file_and_its_answers_or_a_set(work, tmp_path):
    assert arbiter("predict", work, tmp_path / "r.jsonl").exit_code == 2
    assert arbiter("predict", work, tmp_path / "r.jsonl", "--expect", tmp_path / "r.jsonl").exit_code == 2
