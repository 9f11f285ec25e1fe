"""`arbiter run` and `status`: the graph, and what it left."""

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pipelines.commands.console import Force, Json, Reason, Settings, Work, forced, print_json, say

if TYPE_CHECKING:
    from components.records.reliability import WeightsInWords
    from pipelines.workspace import Workspace

_MOST_WEIGHTS = 8  # of a domain, that `status` prints


def register(app: typer.Typer) -> None:
    """Adds this group's commands to `app`."""
    app.command()(run)
    app.command()(status)


def run(
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The dataset folder.")],
    workspace: Annotated[Path, typer.Option(metavar="WORK", help="Where everything goes.")],
    config: Annotated[Path | None, typer.Option(help="YAML with a section for each part.")] = None,
    settings: Settings = None,
    until: Annotated[str | None, typer.Option(metavar="NODE", help="Stop after this node.")] = None,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Run every node anew.")] = False,
    force: Force = False,
    reason: Reason = "",
) -> None:
    """Ingest, validate, train, predict, evaluate, review, push.

    Nodes whose inputs and options are as in an earlier run are taken from it; a killed run goes on where it
    was. A model that does not pass its gate is not pushed, unless --force; the rest is judged without it. The
    command says so and still exits with 0.
    """
    from pipelines.config import read_config
    from pipelines.run import RunRequest
    from pipelines.run import run as run_graph
    from pipelines.workspace import Workspace

    place = Workspace.at(workspace)
    command = ["arbiter", "run", str(data.absolute()), "--workspace", str(place.root)]
    command += ["--config", str(config)] if config else []
    command += [word for setting in settings or () for word in ("--set", setting)]
    why = forced(force, reason)
    command += ["--force", "--reason", why] if why else []
    run_graph(
        RunRequest(
            data=data,
            workspace=place,
            config=read_config(config, settings or ()),
            until=until,
            cache=not no_cache,
            command=shlex.join(command),
            forced=why,
        )
    )
    if until is None:
        _print_outcome(place)


def status(workspace: Work, json: Json = False) -> None:
    """What ran last, what was decided, what is served."""
    from pipelines.status import status
    from pipelines.workspace import Workspace

    now = status(Workspace.existing(workspace))
    if json:
        print_json(now)
        return
    say(f"Last run {now.run_id}:" if now.run_id else "Nothing has run yet.")
    for node in now.nodes:
        say(f"  {node.state:<8} {node.node:<20}" + (f" {node.seconds:7.1f} s" if node.seconds else ""))
    say(now.verdict.words if now.verdict else "No verdict yet.")
    if not now.models:
        say("Nothing is served yet.")
    if now.rollout:
        say(f"{'Tried' if now.rollout.open else 'Last tried'}: {now.rollout.words}")
    for model in now.models:
        labels = ", ".join(f"{label} = {version}" for label, version in model.labels.items())
        say(f"{model.name}: serves {_numbers(model.served)} ({labels}); on disk {_numbers(model.on_disk)}")
        if model.forced:
            say(f"  pushed by force: {model.forced}")
        if model.domain is not None:
            say(f"  {model.domain}: {_in_words(model.reranker)}")


def _print_outcome(place: "Workspace") -> None:
    from pipelines.review import newest_review
    from pipelines.status import stable_in_words, status

    now = status(place)
    if now.verdict:
        say(now.verdict.words + (" It was not pushed." if now.verdict.refused else ""))
    if now.models:
        say(f"In service: {stable_in_words(now.models)}, in {place.serving}")
    if now.rollout and now.rollout.open:
        say(f"Tried: {now.rollout.words}")
    say(f"Review: {newest_review(place)}")


def _in_words(reranker: "WeightsInWords | None") -> str:
    if reranker is None:
        return "no re-ranker"
    words = reranker.words[:_MOST_WEIGHTS]
    more = len(reranker.words) - len(words)
    said = "; ".join((*words, f"and {more} more (--json)") if more else words) or "no weight that counts"
    return f"re-ranker ({reranker.loss}, {reranker.lists} lists): {said}"


def _numbers(values: tuple[int, ...]) -> str:
    return ", ".join(map(str, values)) or "nothing"
