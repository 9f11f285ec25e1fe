"""`arbiter rollback`: earlier versions in service again."""

from enum import StrEnum
from typing import Annotated

import typer

from pipelines.commands.console import Json, Settings, Work, print_json, say
from pipelines.errors import CallError


class Shared(StrEnum):
    """The models that are no domain's."""

    SHORTLISTER = "shortlister"
    HYPRANK = "hyprank"


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command()(rollback)


def rollback(
    workspace: Work,
    reason: Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the log keeps it.")],
    domain: Annotated[str | None, typer.Option(metavar="D", help="This domain's model alone.")] = None,
    model: Annotated[
        Shared | None, typer.Option(help="This one, and the other where they were made for each other.")
    ] = None,
    version: Annotated[
        int | None, typer.Option(metavar="V", min=1, help="Instead of the one before.")
    ] = None,
    settings: Settings = None,
    json: Json = False,
) -> None:
    """Put what was in service before the newest push into service again; nothing is trained or copied.

    --set reaches the push's options.
    """
    from components.push.options import PushOptions
    from components.push.rollback import rollback
    from components.records.domain_signature import domain_model
    from pipelines.config import read_options
    from pipelines.push import record_push
    from pipelines.workspace import Workspace

    if domain is not None and model is not None:
        raise CallError("--domain and --model exclude each other.", "Give one, or neither: the newest push.")
    if version is not None and domain is None and model is None:
        raise CallError("--version needs --domain or --model.", "Each model has versions of its own.")
    if not reason.strip():
        raise CallError("--reason is empty.", 'For example: --reason "Alarms go to music; see ticket 12."')
    options = read_options(PushOptions, {}, settings or ())
    name = model.value if model is not None else domain if domain is None else domain_model(domain)
    place = Workspace.existing(workspace)
    result = rollback(place.serving, model=name, version=version, reason=reason, options=options)
    record_push(place, result)
    if json:
        print_json(result)
    else:
        placed = ", ".join(f"{each.model}, version {each.version}" for each in result.models)
        say(f"{placed}: {result.outcome.replace('_', ' ')}. {result.reason}")
    if result.outcome != "rolled_back":
        raise typer.Exit(1)
