"""`arbiter predict`, `route`, `serve` and `push`: the models in use."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import Json, Work, print_json, say
from pipelines.errors import CallError

Server = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Ask this model server instead of loading the model.")
]


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command()(predict)
    app.command()(route)
    app.command()(serve)


def predict(
    workspace: Work,
    requests: Annotated[Path, typer.Argument(help="One request a line, or Parquet.")],
    out: Annotated[Path, typer.Option("-o", "--output", metavar="OUT.jsonl", help="Where the answers go.")],
    top: Annotated[int, typer.Option(help="Skills per request, at most.")] = 5,
    server: Server = None,
) -> None:
    """Answer a file of requests in its order; one that cannot be read gets a line that says why."""
    from components.router import predict as answer
    from pipelines.workspace import Workspace

    if not requests.is_file():
        raise CallError(f"{requests} is not a file.", "Give a file of requests, one JSON object a line.")
    counts = answer(Workspace.existing(workspace).root, requests, out, top, server)
    say(f"{out}: {counts}")


def route(
    workspace: Work,
    utterance: Annotated[str, typer.Argument(help="What was said.")],
    device: Annotated[str | None, typer.Option(help="On what.")] = None,
    enabled: Annotated[
        str | None, typer.Option(metavar="A,B", help="Skills the customer has enabled.")
    ] = None,
    previous: Annotated[str | None, typer.Option(metavar="SKILL", help="The skill used just before.")] = None,
    top: Annotated[int, typer.Option(help="Skills shown, at most.")] = 5,
    server: Server = None,
    json: Json = False,
) -> None:
    """Route one utterance."""


def serve(
    workspace: Work,
    grpc: Annotated[int, typer.Option(metavar="PORT", help="Port of TF Serving's gRPC API.")] = 8500,
) -> None:
    """Serve the pushed models over TF Serving's gRPC API until interrupted; new versions are picked up."""
    from components.router import serve
    from pipelines.workspace import Workspace

    raise typer.Exit(serve(Workspace.existing(workspace).root, grpc))
