"""How commands speak: sentences and tables for people, one JSON value for programs."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from pipelines.errors import CallError, CommandError

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]
Work = Annotated[Path, typer.Argument(metavar="WORK", help="The workspace folder.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set an option; may be repeated.")
]

Force = Annotated[bool, typer.Option("--force", help="Push whatever the gate decides; needs --reason.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; it is kept with the push.")]


def forced(force: bool, reason: str) -> str:
    """Why a push is forced; '' where it is not. Raises `CallError` where one is given without the other."""
    if force and not reason.strip():
        raise CallError("--force needs --reason.", 'For example: --reason "Fixes the outage; see ticket 12."')
    if reason and not force:
        raise CallError("--reason goes with --force.", "Without --force the gate decides.")
    return reason.strip()


def say(text: str = "") -> None:
    """A line on standard output."""
    typer.echo(text)


def complain(what: str, do: str = "") -> None:
    """An error on standard error: what happened and where, then what to do."""
    typer.echo(typer.style("Error: ", fg="red", bold=True) + what, err=True)
    if do:
        typer.echo(do, err=True)


def say_table(rows: Iterable[Sequence[str]]) -> None:
    """Rows in aligned columns; nothing is wrapped or cut."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())


def quiet_tensorflow() -> None:
    """TensorFlow, should a model need it, says nothing but errors."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")


def print_json(value: Any) -> None:
    """One JSON value, indented, on standard output."""
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())


class CommandGroup(TyperGroup):
    """Turns an error for a person into its message and exit code; a bug keeps its traceback."""

    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except CommandError as error:
            complain(error.what, error.do)
            raise typer.Exit(error.exit_code) from error
        except BrokenPipeError:  # the reader has what it wants; click ends quietly
            raise
        except (ValueError, OSError) as error:  # parts raise these with name, rule and value
            complain(str(error))
            raise typer.Exit(CommandError.exit_code) from error
