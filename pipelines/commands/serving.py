"""`arbiter predict`, `route`, `serve` and `push`: the models in use."""

from pathlib import Path
from typing import Annotated

import typer

from pipelines.commands.console import (
    Force,
    Json,
    Reason,
    Settings,
    Work,
    forced,
    print_json,
    quiet_tensorflow,
    say,
)
from pipelines.commands.pushed import say_result
from pipelines.commands.regression import expect
from pipelines.errors import CallError, CommandError

Server = Annotated[
    str | None, typer.Option(metavar="HOST:PORT", help="Ask this model server instead of loading the model.")
]

_API_KEY = "ARBITER_API_KEY"


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command()(predict)
    app.command()(route)
    app.command()(serve)
    app.command()(push)


def predict(
    workspace: Work,
    requests: Annotated[
        Path | None, typer.Argument(metavar="[REQUESTS.jsonl]", help="One request a line.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="OUT.jsonl", help="Where the answers go.")
    ] = None,
    expected: Annotated[
        Path | None,
        typer.Option("--expect", metavar="FILE", help="Instead: requests with the skill each must reach."),
    ] = None,
    top: Annotated[int, typer.Option(min=1, help="Skills per request, at most.")] = 5,
    server: Server = None,
    json: Json = False,
) -> None:
    """Answer a file of requests in its order; one that cannot be read gets a line that says why.

    With --expect: say which requests of a regression set miss their skill; exit code 1 where any does.
    """
    from pipelines.workspace import Workspace

    work = Workspace.served(workspace).root
    if expected is not None:
        if requests is not None or out is not None:
            raise CallError(
                "--expect takes no other file.", "Give either --expect FILE or REQUESTS.jsonl -o OUT."
            )
        expect(work, expected, top, server, json)
        return
    if requests is None or out is None:
        raise CallError(
            "A file of requests and -o are needed.", "Or --expect FILE to check a regression set."
        )
    from components.router.predict_file import predict
    from pipelines.commands.progress import counting

    if not requests.is_file():
        raise CallError(f"{requests} is not a file.", "Give a file of requests, one JSON object a line.")
    if not out.absolute().parent.is_dir():
        raise CallError(f"{out.parent} is not a folder.", "Make it first, or choose another place for -o.")
    quiet_tensorflow()
    with counting("requests") as progress:
        counts = predict(work, requests, out, top, server, progress=progress)
    if json:
        print_json(counts._asdict())
        return
    unreadable = f", {counts.unreadable:,} of them unreadable" if counts.unreadable else ""
    say(f"{out}: {counts.requests:,} requests answered{unreadable}.")


def route(
    workspace: Work,
    utterance: Annotated[str, typer.Argument(metavar="UTTERANCE", help="What was said.")],
    device: Annotated[str | None, typer.Option(metavar="DEVICE", help="On what, such as tv.")] = None,
    enabled: Annotated[
        str | None, typer.Option(metavar="A,B", help="Skills the customer has enabled.")
    ] = None,
    previous: Annotated[str | None, typer.Option(metavar="SKILL", help="The skill used just before.")] = None,
    top: Annotated[int, typer.Option(min=1, help="Skills shown, at most.")] = 5,
    server: Server = None,
    explain: Annotated[bool, typer.Option("--explain", help="Show how each stage came to it.")] = False,
    json: Json = False,
) -> None:
    """Route one utterance with the models in service."""
    from components.records.errors import RecordError
    from components.router.route_one import route
    from pipelines.commands.explanation import say_answer, say_explanation
    from pipelines.workspace import Workspace

    work = Workspace.served(workspace).root
    quiet_tensorflow()
    try:
        found = route(
            work,
            utterance,
            device=device,
            enabled=tuple(name.strip() for name in (enabled or "").split(",") if name.strip()),
            previous_skill=previous,
            top=top,
            server=server,
        )
    except RecordError as error:
        raise CallError(str(error)) from error
    if json:
        print_json(found if explain else found.prediction)
    elif explain:
        say_explanation(found)
    else:
        say_answer(utterance, found.prediction)


def serve(
    workspace: Work,
    grpc: Annotated[int, typer.Option(metavar="PORT", help="TF Serving's gRPC API.")] = 8500,
    rest: Annotated[int, typer.Option(metavar="PORT", help="TF Serving's REST API; 0: none.")] = 8501,
    http: Annotated[int, typer.Option(metavar="PORT", help="The router's REST API.")] = 8080,
    router_grpc: Annotated[int, typer.Option(metavar="PORT", help="The router's gRPC API.")] = 8081,
    host: Annotated[str, typer.Option(metavar="HOST", help="Address to listen on.")] = "127.0.0.1",
    server: Annotated[
        str | None,
        typer.Option(
            metavar="HOST:PORT",
            help="Serve the router alone, on this model server; {model} in it stands for a model's name.",
        ),
    ] = None,
    store: Annotated[
        str | None,
        typer.Option(metavar="URL", envvar="ARBITER_STORE", help="Postgres for what the router keeps."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(metavar="DATA", help="The dataset that feedback is added to.")
    ] = None,
    settings: Settings = None,
) -> None:
    """Serve the pushed models and the router until interrupted; new versions are picked up.

    --set reaches the router's options.
    """
    import os

    import components.records.read_in_place  # noqa: F401 (before gRPC)
    from components.router.service.options import RouterOptions
    from components.router.service.store import StoreError
    from components.server.errors import StatusError
    from pipelines.config import read_options
    from pipelines.serving import Ports
    from pipelines.serving import serve as serve_workspace
    from pipelines.workspace import Workspace

    work = Workspace.served(workspace)
    if data is not None and not data.is_dir():
        raise CallError(f"{data} is not a folder.", "Give the folder of the dataset.")
    key = os.environ.get(_API_KEY)
    options = read_options(RouterOptions, {} if key is None else {"api_key": key}, settings or ())
    quiet_tensorflow()
    ports = Ports(grpc, rest, http, router_grpc)
    try:
        ended = serve_workspace(work, ports, options, host=host, server=server, store=store, data=data)
    except (StatusError, StoreError, OSError) as error:
        raise CommandError(
            f"It could not start: {error}",
            "Ports are set by --grpc, --rest, --http and --router-grpc, the store by --store.",
        ) from error
    raise typer.Exit(ended)


def push(
    workspace: Work,
    domain: Annotated[str | None, typer.Option(metavar="D", help="This domain's model alone.")] = None,
    canary: Annotated[
        float | None,
        typer.Option(metavar="SHARE", help="Try it on this share of the customers first, such as 0.05."),
    ] = None,
    shadow: Annotated[
        bool, typer.Option("--shadow", help="Ask it what is asked of the others first; it answers nobody.")
    ] = False,
    settings: Settings = None,
    force: Force = False,
    reason: Reason = "",
    json: Json = False,
) -> None:
    """Put what the newest run judged into service, by a run's own checks, or try it on live traffic first.

    With --force also what its gate held back. --set reaches the push's options.
    """
    from components.push.options import PushOptions
    from pipelines.config import read_options
    from pipelines.push import push_newest
    from pipelines.workspace import Workspace

    if canary is not None and shadow:
        raise CallError("--canary and --shadow exclude each other.", "A shadow may become a canary later.")
    if canary is not None and not 0.0 < canary <= 1.0:
        raise CallError(f"--canary {canary:g} is no share.", "Give one above 0, up to 1: --canary 0.05")
    given = {"canary": canary or 0.0, "shadow": shadow}
    options = read_options(PushOptions, given, settings or ())
    place, why = Workspace.existing(workspace), forced(force, reason)
    result = push_newest(place, options, domain=domain, forced=why)
    say_result(result, json=json)
