"""`arbiter promote`: the end of a rollout."""

from typing import Annotated

import typer

from pipelines.commands.console import Json, Settings, Work, print_json, say
from pipelines.errors import CallError


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command()(promote)


def promote(
    workspace: Work,
    abandon: Annotated[
        bool, typer.Option("--abandon", help="End it; what is in service stays. Needs --reason.")
    ] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Whatever the live figures are; needs --reason.")
    ] = False,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the log keeps it.")] = "",
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Put what a canary or shadow tries into service, or, with --abandon, end it.

    --set reaches the push's options.
    """
    from components.push.options import PushOptions
    from pipelines.config import read_options
    from pipelines.rollout import abandon_candidates, promote_candidates
    from pipelines.workspace import Workspace

    if abandon and force:
        raise CallError("--abandon and --force exclude each other.", "Nothing holds back an --abandon.")
    if (abandon or force) and not reason.strip():
        raise CallError(
            f"--{'abandon' if abandon else 'force'} needs --reason.", 'For example: --reason "ticket 12"'
        )
    if reason and not (abandon or force):
        raise CallError("--reason goes with --abandon or --force.", "Without them the live figures decide.")
    place = Workspace.existing(workspace)
    if abandon:
        result = abandon_candidates(place, reason.strip())
    else:
        options = read_options(PushOptions, {}, settings or ())
        result = promote_candidates(place, options, forced=reason.strip())
    if json:
        print_json(result)
    else:
        say(f"{result.named}: {result.outcome.replace('_', ' ')}. {result.reason}")
    if not result.done:
        raise typer.Exit(1)
