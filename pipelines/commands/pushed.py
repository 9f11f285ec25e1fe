"""What `arbiter push` and `promote` say of what came of it."""

from typing import TYPE_CHECKING

import typer

from pipelines.commands.console import print_json, say

if TYPE_CHECKING:
    from components.push.result import PushResult


def say_result(result: "PushResult", *, json: bool) -> None:
    """Says it in words, or as `json`. Raises `typer.Exit` with 1 where it was not done."""
    if json:
        print_json(result)
    else:
        say(f"{result.named}: {result.outcome.replace('_', ' ')}. {result.reason}")
    if not result.done:
        raise typer.Exit(1)
