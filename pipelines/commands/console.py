"""How commands speak: sentences and tables for people, one JSON value for programs."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

Json = Annotated[bool, typer.Option("--json", help="Print one JSON value instead of text.")]
Work = Annotated[Path, typer.Argument(metavar="WORK", help="The workspace folder.")]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="KEY=VALUE", help="Set an option; may be repeated.")
]


def say(text: str = "") -> None:
    """A line on standard output."""
    typer.echo(text)


def complain(what: str, do: str = "") -> None:
    """An error on standard error: what happened and where, then what to do."""
    typer.echo(typer.style("Error: ", fg="red", bold=True) + what, err=True)
    if do:
        typer.echo(do, err=True)


def say_table(rows: Iterable[Sequence[str]]) -> None:
    """Rows in aligned columns; a long last column wraps within itself."""
    from rich.console import Console
    from rich.table import Table

    table = Table(box=None, padding=(0, 2, 0, 0), show_header=False)
    for row in rows:
        table.add_row(*row)
    Console(highlight=False, markup=False, emoji=False).print(table)


def print_json(value: Any) -> None:
    """One JSON value, indented, on standard output."""
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
