"""`arbiter promote` and `push --canary` as they are called, on files that stand for models."""

from datetime import date
from pathlib import Path

import msgspec
import pytest
from ml_metadata.metadata_store import metadata_store

from components.push.push_log import read_log
from components.push.serving_folder import stable_versions
from components.records.ranked_system import RankedSystem
from components.records.request import Request, Routing
from components.records.rollout import read_rollout
from components.records.verdict import Verdict
from components.router.service.feedback.journal import Journal, Line
from components.router.service.rollout.live import Live
from components.router.service.rollout.tally import Tally
from pipelines.metadata import connection_config
from pipelines.push import _Judged
from pipelines.workspace import Workspace
from tests.pipelines.command import arbiter, printed_json
from tests.push.fakes import SYSTEM, all_reproduced, fake_system, push_fakes

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


def feed(work, arm, right, wrong):
    """Feedback on requests of 40 customers."""
    stage = read_rollout(work / "serving").id
    journal = Journal(work / "router/feedback/journal")
    for number in range(right + wrong):
        record = Request(
            request_id=f"{arm}{number}",
            utterance="x",
            customer_id=f"{arm}{number % 40}",
            outcome="handled" if number < right else "rejected",
            skill_id="a",
            routing=Routing(chosen="a"),
        )
        live = Live(rollout=stage, arm=arm, accepted=True)
        journal.append(date(2026, 11, 21), Line(received=number, record=record, live=live))
    journal.close()


def count(work, **arms):
    """What a router counted, by arm."""
    folder = work / "router/feedback/rollouts" / read_rollout(work / "serving").id
    folder.mkdir(parents=True)
    (folder / "router-0.json").write_bytes(msgspec.json.encode(arms))


def test_a_canary_that_does_well_is_promoted(work):
    feed(work, "stable", 180, 20)
    feed(work, "canary", 95, 5)
    count(work, stable=Tally(requests=900, accepted=850), canary=Tally(requests=100, accepted=90))
    shown = arbiter("rollout", work)
    assert shown.exit_code == 0, shown.output
    lines = shown.stdout.splitlines()
    assert lines[0].startswith("canary of shortlister, hyprank, 2 domain models, for 10 % of the customers")
    assert " ".join(lines[2].split()) == "stable 900 5.56 % 0.00 % 0.00 % – – 200 40 90.00 %"
    assert " ".join(lines[3].split()) == "canary 100 10.00 % 0.00 % 0.00 % – – 100 40 95.00 %"
    assert lines[4].startswith("No difference beyond chance in how many requests go well (+5.00 points")
    assert printed_json(arbiter("rollout", work, "--json"))["canary"]["verdict"] == "same"
    more = arbiter("promote", work, "--set", "live.least_outcomes=101")
    assert (more.exit_code, "canary: 100 outcomes of 40 customers; needed: 101" in more.stderr) == (1, True)
    result = arbiter("promote", work)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("shortlister, hyprank, 2 domain models: promoted. No difference")
    assert stable_versions(work / "serving") == SECOND
    assert "Last tried: canary of shortlister" in arbiter("status", work).stdout
    store = metadata_store.MetadataStore(connection_config(Workspace.at(work)))
    [left] = [each.custom_properties for each in store.get_artifacts_by_type("PushedModel")]
    assert (left["outcome"].string_value, left["version.hyprank"].int_value) == ("promoted", 2)


def test_a_canary_that_does_worse_is_not_but_by_force(work):
    feed(work, "stable", 180, 20)
    feed(work, "canary", 60, 60)
    refused = arbiter("promote", work)
    assert (refused.exit_code, "fewer requests go well (-40.00 points" in refused.stderr) == (1, True)
    assert stable_versions(work / "serving") == FIRST
    assert arbiter("promote", work, "--force", "--reason", "ticket 12").exit_code == 0
    assert stable_versions(work / "serving") == SECOND
    assert [line.forced for line in read_log(work / "serving")[8:]] == ["ticket 12"] * 4
    said = read_rollout(work / "serving").ended.reason
    assert said.startswith("By force: ticket 12. Live: Not to be promoted: fewer requests go well")


def test_a_canary_without_feedback_is_not(work):
    refused = arbiter("promote", work)
    assert (refused.exit_code, "too little feedback" in refused.stderr) == (1, True)


def test_a_shadow_is_not(work, tmp_path):
    candidates = {model: tmp_path / "second" / model for model in SYSTEM}
    push_fakes(candidates, work / "serving", shadow=True)
    refused = arbiter("promote", work)
    assert (refused.exit_code, "it has answered nobody" in refused.stderr) == (1, True)
    count(work, shadow=Tally(requests=30, accepted=15, agreed=20, fell_back=10, dropped=2, bins={9: 20}))
    shown = arbiter("rollout", work)
    assert shown.exit_code == 0, shown.output
    assert "Asked 30 requests, 10 in vain; 2 more came too fast." in shown.stdout
    assert "It acts as was served in 100.00 %, and refuses 25.00 %." in shown.stdout
    assert "No feedback yet" in shown.stdout


@pytest.fixture
def judged(monkeypatch, tmp_path):
    """The newest run judged what is tried."""
    made = {model: tmp_path / "second" / model for model in SYSTEM}
    found = _Judged(
        made=made,
        asked=RankedSystem(candidates=SYSTEM),
        verdict=Verdict(blessed=True, words="Blessed.", checks=()),
        predictions=Path("unread"),
        first=Path("unread"),
    )
    monkeypatch.setattr("pipelines.push._judged", lambda _: found)
    monkeypatch.setattr("components.push.push.read_recording", lambda *_: None)
    monkeypatch.setattr("components.push.push.reproduce", all_reproduced)


def test_the_same_candidates_get_more_customers_and_no_second_version(work, judged):
    more = arbiter("push", work, "--canary", "0.5")
    assert (more.exit_code, "2 domain models: canary." in more.stdout) == (0, True), more.output
    rollout = read_rollout(work / "serving")
    assert (rollout.share, rollout.models) == (0.5, SECOND)
    waiting = arbiter("push", work)
    assert (waiting.exit_code, "Live traffic tries them already" in waiting.stderr) == (1, True)
    arbiter("promote", work, "--abandon", "--reason", "x")
    assert arbiter("push", work, "--shadow").exit_code == 0
    rollout = read_rollout(work / "serving")
    assert (rollout.mode, rollout.models) == ("shadow", dict.fromkeys(SYSTEM, 3))
    assert stable_versions(work / "serving") == FIRST


def test_nothing_was_tried(tmp_path, work):
    (work / "serving/rollout.json").unlink()
    shown = arbiter("rollout", work)
    assert (shown.exit_code, "Nothing was tried on live traffic yet" in shown.stderr) == (1, True)


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
