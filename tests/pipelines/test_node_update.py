"""The tasks of a domain's update on a cluster, with a stand-in for the update itself."""

import dataclasses
from types import SimpleNamespace

import pytest
from typer.testing import CliRunner

from pipelines import update as module
from pipelines.errors import CallError, CommandError
from pipelines.node import app
from pipelines.noted import judged_as
from pipelines.outcome import Outcome
from pipelines.update_plan import UpdateRequest
from pipelines.workspace import Workspace

SETTINGS = "domain.epochs=3 'review.note=two words'"


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    """One in which something has run."""
    place = Workspace.at(tmp_path)
    place.metadata.parent.mkdir()
    place.metadata.touch()
    return place


def node(workspace, command, *words):
    return CliRunner().invoke(app, [command, str(workspace.root), "7", *words])


def failing(error, cause=None):
    def fail(*_, **__):
        raise error from cause

    return fail


def test_what_is_asked_for_reaches_the_update(workspace, monkeypatch):
    asked = []
    report = SimpleNamespace(run_id="2026", outcome="pushed", judged=2, verdict="Good.", reason="")
    monkeypatch.setattr(module, "train", lambda place, request: asked.append(request))
    monkeypatch.setattr(module, "update", lambda place, request: asked.append(request) or report)
    for command in ("train", "update"):
        result = node(workspace, command, "Home & Garden", "/data", SETTINGS)
        assert result.exit_code == 0, result.output
    assert asked[0] == asked[1]
    assert asked[0].domain == "Home & Garden"
    assert str(asked[0].data) == "/data"
    assert asked[0].settings == ("domain.epochs=3", "review.note=two words")
    assert asked[0].command.endswith(
        "--domain 'Home & Garden' --data /data --set domain.epochs=3 --set 'review.note=two words'"
    )
    assert judged_as(workspace, "7") == "2026"
    assert node(workspace, "train", "Music", "", "").exit_code == 0
    assert (asked[-1].data, asked[-1].settings) == (None, ())


@pytest.mark.parametrize(
    ("error", "cause", "tried_again"),
    [
        (CallError("there is no such domain"), None, False),
        (CommandError("DataGate failed: too many dead letters"), ValueError(), False),
        (CommandError("Rank failed: OSError"), OSError(), True),
        (CommandError("the workspace is in use"), None, True),
    ],
)
def test_a_mistake_is_not_tried_again_and_another_failure_is(
    workspace, monkeypatch, error, cause, tried_again
):
    monkeypatch.setattr(module, "update", failing(error, cause))
    first = node(workspace, "update", "Music")
    assert first.exit_code == (1 if tried_again else 2)
    assert str(error) in first.stderr
    monkeypatch.setattr(module, "update", failing(CommandError("tried again")))
    again = node(workspace, "update", "Music")
    assert ("tried again" in again.stderr.splitlines()[0]) == tried_again
    assert ("It was not tried again" in again.stderr) != tried_again


def test_an_outcome_says_which_update_it_is_of():
    done = Outcome(run_id="7", domain="Music", workspace="/w", verdict="All good.", pushed="pushed")
    assert done.words == "Update of Music, run 7: All good. Push: pushed."
    failed = Outcome(run_id="7", workspace="/w", failed=("Rank",))
    assert failed.words == "Run 7 did not come to its end; not done: Rank"


@dataclasses.dataclass(frozen=True)
class Plan:
    base: object
    judged_beside: dict


def test_an_update_is_planned_anew_where_there_is_another_shortlister(workspace, monkeypatch):
    def base(version, music):
        return SimpleNamespace(version=version, versions={"shortlister": version, "domain-music": music})

    def again(now):
        monkeypatch.setattr(module, "in_service", lambda *_: now)
        return module._planned_again(workspace, request, plan, "reason")

    request = UpdateRequest(domain="Books")
    plan = Plan(base(1, 1), {"shortlister": 1, "domain-music": 1})
    monkeypatch.setattr(module, "_planned", lambda *_: "anew")
    assert again(base(1, 2)) == Plan(plan.base, {"shortlister": 1, "domain-music": 2})
    assert again(base(2, 1)) == "anew"
    with pytest.raises(CommandError, match="although nothing new is in service: reason"):
        again(base(1, 1))
