"""`arbiter rollback` as it is called, on files that stand for models."""

import json

import pytest
from ml_metadata.metadata_store import metadata_store

from components.push.push_log import read_log
from components.push.serving_folder import stable_versions
from pipelines.metadata import connection_config
from pipelines.workspace import Workspace
from tests.pipelines.command import arbiter, printed_json
from tests.push.fakes import MUSIC, SYSTEM, fake_system, push_fakes


@pytest.fixture
def work(tmp_path):
    """A workspace in which two whole systems were pushed."""
    work = tmp_path / "work"
    for mark in ("first", "second"):
        assert push_fakes(fake_system(tmp_path, mark), work / "serving").pushed
    (work / "metadata").mkdir()
    (work / "metadata/metadata.sqlite").touch()
    return work


def test_a_domain_a_pair_and_the_newest_push(work):
    why = ("--reason", "ticket 12")
    result = arbiter("rollback", work, "--domain", "music", *why)
    assert (result.exit_code, result.stdout) == (0, f"{MUSIC}, version 1: rolled back. ticket 12\n")
    pair = printed_json(arbiter("rollback", work, "--model", "hyprank", *why, "--json"))
    assert {each["model"]: each["version"] for each in pair["models"]} == {"hyprank": 1, "shortlister": 1}
    assert arbiter("rollback", work, *why).exit_code == 0
    assert stable_versions(work / "serving") == dict.fromkeys(SYSTEM, 1)
    assert [line.outcome for line in read_log(work / "serving")[8:]] == ["rolled_back"] * 4
    store = metadata_store.MetadataStore(connection_config(Workspace.at(work)))
    left = [each.custom_properties for each in store.get_artifacts_by_type("PushedModel")]
    assert [each["outcome"].string_value for each in left] == ["rolled_back"] * 3
    assert left[0]["reason"].string_value == "ticket 12"
    assert left[0][f"version.{MUSIC}"].int_value == 1
    assert json.loads(left[-1]["in_service"].string_value) == dict.fromkeys(SYSTEM, 1)


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("--reason", " "), 2, "--reason is empty"),
        (("--reason", "x", "--version", 1), 2, "--version needs --domain or --model"),
        (("--reason", "x", "--domain", "music", "--model", "hyprank"), 2, "exclude each other"),
        (("--reason", "x", "--domain", "news"), 1, "domain-news is not in service, so it cannot go back"),
        (("--reason", "x", "--domain", "music", "--version", 9), 1, "has no version 9"),
    ],
)
def test_a_call_that_cannot_be_says_why(work, arguments, code, words):
    result = arbiter("rollback", work, *arguments)
    assert (result.exit_code, words in result.stderr) == (code, True), result.output
    assert "Traceback" not in result.output
    assert stable_versions(work / "serving") == dict.fromkeys(SYSTEM, 2)
