"""`arbiter skill add`, `remove` and `rename`: the skills of what is in service, without a training."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Force, Json, Reason, Settings, Work, forced, print_json, say

if TYPE_CHECKING:
    from pipelines.skill import SkillReport


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    group = typer.Typer(help="Add, remove or rename skills of what is in service, without a training.")
    group.command()(add)
    group.command()(remove)
    group.command()(rename)
    app.add_typer(group, name="skill", no_args_is_help=True)


def add(
    workspace: Work,
    skills: Annotated[Path, typer.Argument(metavar="SKILL.jsonl", help="One new skill a line.")],
    requests: Annotated[
        Path | None, typer.Option(metavar="REQUESTS.jsonl", help="Labelled requests of the new skills.")
    ] = None,
    settings: Settings = None,
    force: Force = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Make new skills known to every model in service that knows skills: seconds, not a training.

    They learn from their requests, examples, name and description; the old skills' weights stay as they are.
    The changed system passes the gate that the one in service passed, and must not be worse on the old
    skills; then all of it is pushed at once. --set reaches rank, evaluate, review and push.
    """
    from pipelines.skill import add_skills
    from pipelines.workspace import Workspace

    why = forced(force, reason)
    place = Workspace.existing(workspace)
    report = add_skills(place, skills, requests, settings or (), forced=why, quiet=json)
    _print(report, json)
    if not json:
        say("The next training forgets what its dataset lacks: add the skills and their requests to it.")


def remove(
    workspace: Work,
    skill_ids: Annotated[list[str], typer.Argument(metavar="SKILL_ID...", help="The skills that go.")],
    settings: Settings = None,
    force: Force = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Take skills out of what is in service; all others keep their weights."""
    from pipelines.skill import remove_skills
    from pipelines.workspace import Workspace

    why = forced(force, reason)
    place = Workspace.existing(workspace)
    _print(remove_skills(place, skill_ids, settings or (), forced=why, quiet=json), json)


def rename(
    workspace: Work,
    old: Annotated[str, typer.Argument(metavar="OLD", help="The skill's id.")],
    new: Annotated[str, typer.Argument(metavar="NEW", help="The id that it gets.")],
    settings: Settings = None,
    force: Force = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Give a skill in service another id; requests must then name it so in their lists."""
    from pipelines.skill import rename_skill
    from pipelines.workspace import Workspace

    why = forced(force, reason)
    place = Workspace.existing(workspace)
    _print(rename_skill(place, old, new, settings or (), forced=why, quiet=json), json)


def _print(report: "SkillReport", json: bool) -> None:
    if json:
        print_json(report)
    else:
        learnt = f" from {report.requests:,} requests" if report.requests else ""
        say(f"{_names(report)} {report.done}{learnt} in {report.seconds:.1f} s.")
        if report.old_before is not None and report.old_after is not None:
            say(f"Top-1 of the other skills: {report.old_before:.4f} before, {report.old_after:.4f} after.")
        if report.new is not None:
            say(f"Top-1 of the new skills: {report.new:.4f} on {report.held_out:,} held-out requests.")
        elif report.done == "added":
            say("The new skills are not measured: no request of theirs was held out.")
        tried = f" It is tried as a {report.outcome}: arbiter rollout WORK" if report.tried else None
        say(report.verdict + ("" if report.pushed else tried or " It was not pushed."))
        say(f"In service: shortlister, version {report.in_service}{_others(report)}. Review: {report.review}")
    if not (report.pushed or report.tried):
        raise typer.Exit(1)


def _others(report: "SkillReport") -> str:
    """The models beside the Shortlister that the change has put into service."""
    from components.records.model_names import in_brief

    others = [model for model in report.models if model != "shortlister"]
    return f"; new versions of {in_brief(others)} too" if others else ""


def _names(report: "SkillReport") -> str:
    if report.done == "renamed":
        return " → ".join(report.skills)
    return report.skills[0] if len(report.skills) == 1 else f"{len(report.skills):,} skills"
