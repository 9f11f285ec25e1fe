"""`arbiter predict --expect`: a regression set against the models in service."""

from pathlib import Path
from typing import TYPE_CHECKING

import typer

from pipelines.commands.console import print_json, quiet_tensorflow, say, say_table
from pipelines.errors import CallError
from pipelines.record_file import read_each

if TYPE_CHECKING:
    from components.records.request import Request
    from components.router.expect import Missed

_HEADS = ("request", "expected", "got", "confidence", "rank", "utterance")
_REFUSED = "(refused)"


def expect(work: Path, path: Path, top: int, server: str | None, json: bool) -> None:
    """Prints which requests of `path` miss their skill; exit code 1 where any does.

    Raises:
        CallError: `path` cannot be read, is empty, or has bad lines.
    """
    from components.router.expect import expect, parse_expectation
    from pipelines.commands.progress import counting

    requests: list[Request] = []
    read_each(path, lambda number, line: requests.append(parse_expectation(line, number)))
    if not requests:
        raise CallError(
            f"{path} holds no request.", "Write one request a line, with the skill it must reach."
        )
    quiet_tensorflow()
    with counting("requests") as progress:
        outcome = expect(work, requests, top=top, server=server, progress=progress)
    if json:
        print_json(outcome)
    else:
        if outcome.missed:
            say_table([_HEADS, *map(_row, outcome.missed)])
        say(f"{path}: {outcome.reached:,} of {outcome.requests:,} requests reach their skill.")
    if outcome.missed:
        raise typer.Exit(1)


def _row(missed: "Missed") -> tuple[str, ...]:
    got = missed.got or "(no skill)"
    return (
        missed.request_id,
        " or ".join(missed.expected) or _REFUSED,
        got if missed.accepted else f"{got} {_REFUSED}",
        f"{missed.confidence:.4f}",
        "-" if missed.rank is None else str(missed.rank),
        missed.utterance,
    )
