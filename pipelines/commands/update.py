"""`arbiter update`: one domain retrained and put into service, alone."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Force, Json, Reason, Settings, Work, forced, print_json, say

if TYPE_CHECKING:
    from pipelines.update import UpdateReport


def register(app: typer.Typer) -> None:
    """Adds this group's command to `app`."""
    app.command()(update)


def update(
    workspace: Work,
    domain: Annotated[str, typer.Option(metavar="D", help="The domain, as the catalogue names it.")],
    data: Annotated[
        Path | None,
        typer.Option(metavar="DATA", help="A whole dataset to use in place of the last run's."),
    ] = None,
    settings: Settings = None,
    force: Force = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Retrain one domain's model and re-ranker and put them into service; nothing else changes.

    Any number may go on at once. Each is judged with the versions in service, and again when others have
    gone into service before it is pushed. --set reaches domain, hypothesize, reranker, rank, evaluate, review
    and push, over the options of the run that made the system; with --data ingest, gate and label too.
    """
    from pipelines.update import update as update_domain
    from pipelines.update_plan import UpdateRequest
    from pipelines.workspace import Workspace

    place = Workspace.existing(workspace)
    request = UpdateRequest.of(
        place, domain, data=data, settings=settings or (), forced=forced(force, reason)
    )
    report = update_domain(place, request, quiet=json)
    if json:
        print_json(report)
    else:
        _print(report)
    if not (report.pushed or report.tried):
        raise typer.Exit(1)


def _print(report: "UpdateReport") -> None:
    times = "" if report.judged == 1 else f", judged {report.judged} times"
    say(f"{report.domain}: trained and judged in {report.seconds:.1f} s{times}.")
    say(f"Top-1 of the system: {_change(report, 'system')}; of the domain: {_change(report, 'domain')}.")
    say(f"Requests with an error in skill, intent or slots: {_change(report, 'irer')}.")
    if report.tried:
        say(f"{report.verdict} It is tried as a {report.outcome}: arbiter rollout WORK")
    else:
        say(report.verdict + ("" if report.pushed else f" It was not pushed: {report.reason}"))
    say(f"In service: {report.model}, version {report.version or 'none'}. Review: {report.review}")


def _change(report: "UpdateReport", of: str) -> str:
    return " → ".join(_figure(getattr(figures, of)) for figures in (report.before, report.after))


def _figure(value: float | None) -> str:
    return "not measured" if value is None else f"{value:.4f}"
