"""`arbiter promote` and `push --canary` as they are called, on files that stand for models."""

import pytest

from components.push.push_log import read_log
from components.push.serving_folder import stable_versions
from tests.pipelines.command import arbiter, printed_json
from tests.push.fakes import SYSTEM, fake_system, push_fakes

FIRST, SECOND = dict.fromkeys(SYSTEM, 1), dict.fromkeys(SYSTEM, 2)


@pytest.fixture
def work(tmp_path):
    """A workspace with one system in service, and another that a tenth of the customers get."""
    work = tmp_path / "work"
    push_fakes(fake_system(tmp_path, "first"), work / "serving")
    push_fakes(fake_system(tmp_path, "second"), work / "serving", canary=0.1)
    (work / "metadata").mkdir()
    (work / "metadata/metadata.sqlite").touch()
    return work


def test_an_abandoned_canary(work):
    result = arbiter("promote", work, "--abandon", "--reason", "ticket 12")
    said = "shortlister, hyprank, 2 domain models: abandoned. ticket 12\n"
    assert (result.exit_code, result.stdout) == (0, said)
    assert stable_versions(work / "serving") == FIRST
    assert [line.outcome for line in read_log(work / "serving")[8:]] == ["abandoned"] * 4
    again = printed_json(arbiter("promote", work, "--abandon", "--reason", "again", "--json"))
    assert (again["outcome"], again["reason"]) == ("abandoned", "ticket 12")
    refused = arbiter("promote", work, "--force", "--reason", "x")
    assert (refused.exit_code, "was abandoned at" in refused.stderr) == (1, True), refused.output


@pytest.mark.parametrize(
    ("command", "arguments", "words"),
    [
        ("promote", ("--abandon",), "needs --reason"),
        ("promote", ("--force", "--reason", " "), "needs --reason"),
        ("promote", ("--abandon", "--force", "--reason", "x"), "exclude each other"),
        ("promote", ("--reason", "x"), "--reason goes with --abandon or --force"),
        ("push", ("--canary", "0.1", "--shadow"), "--canary and --shadow exclude each other"),
        ("push", ("--canary", "0"), "--canary 0 is no share"),
        ("push", ("--canary", "5"), "--canary 5 is no share"),
    ],
)
def test_a_call_that_cannot_be_says_why(work, command, arguments, words):
    result = arbiter(command, work, *arguments)
    assert (result.exit_code, words in result.stderr) == (2, True), result.output
    assert "Traceback" not in result.output
    assert stable_versions(work / "serving") == FIRST
