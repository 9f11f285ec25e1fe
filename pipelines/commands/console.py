"""How commands speak: sentences and tables for people, one JSON value for programs."""

import os
import sys
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
    """Rows in aligned columns; nothing is wrapped or cut."""
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        say("  ".join(cells).rstrip())


def import_tensorflow_quietly() -> None:
    """Imports TensorFlow without the lines that it prints before its log level counts."""
    os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
    sys.stderr.flush()
    saved = os.dup(2)
    with open(os.devnull, "wb") as nowhere:
        os.dup2(nowhere.fileno(), 2)
    try:
        import tensorflow  # noqa: F401
    finally:
        os.dup2(saved, 2)
        os.close(saved)


def print_json(value: Any) -> None:
    """One JSON value, indented, on standard output."""
    import msgspec

    typer.echo(msgspec.json.format(msgspec.json.encode(value), indent=2).decode())
