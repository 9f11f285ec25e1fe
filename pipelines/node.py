"""The nodes of a run as processes of their own: python -m pipelines.node {plan,run,show,finish}.

Wherever the processes are, they share the workspace, as one path, and the metadata. A run is first planned,
by any one process; then each node runs as soon as those that it needs are done.
"""

import logging
import sys
import time
from pathlib import Path
from typing import Annotated, Any

import msgspec
import typer

from pipelines.commands.console import CommandGroup, say
from pipelines.config import Config, read_options
from pipelines.errors import CallError, CommandError
from pipelines.workspace import Workspace

app = typer.Typer(
    cls=CommandGroup,
    help=__doc__,
    epilog="Exit codes: 0 done, 1 the work failed: try again, 2 a mistake of the user's: do not.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Work = Annotated[Path, typer.Argument(metavar="WORK", help="The workspace.")]
RunId = Annotated[str, typer.Argument(metavar="RUN", help="The run's id.")]


@app.command()
def plan(
    workspace: Work,
    run_id: RunId,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The dataset folder.")],
    config: Annotated[str, typer.Argument(help="The whole configuration, as JSON.")],
    cache: Annotated[str, typer.Argument(help="true, or false: every node runs anew.")] = "true",
) -> None:
    """Write the graph of a run on the dataset as it is now."""
    from pipelines.plan import write_plan
    from pipelines.run import RunRequest, prepare

    if cache not in ("true", "false"):
        raise CallError(f"`cache` must be true or false. Received: {cache!r}")
    place = Workspace.at(workspace)
    chosen = read_options(Config, _object(config))
    prepared = prepare(RunRequest(data=data, workspace=place, config=chosen, cache=cache == "true"))
    own = (node for node, resources in chosen.cluster.nodes.items() if not resources.cache)
    write_plan(
        place, run_id, prepared.pipeline, effects=prepared.effects, anew=frozenset((*prepared.anew, *own))
    )
    say(f"Planned run {run_id} of {data} in {place.root}")


@app.command()
def run(
    workspace: Work, run_id: RunId, node: Annotated[str, typer.Argument(metavar="NODE", help="Which.")]
) -> None:
    """Run one node of a planned run, or take its earlier result.

    What an attempt that was killed left is cleared away. A mistake is noted: another attempt of this run ends
    at once, with the same words.
    """
    from pipelines.launch import NodeLauncher
    from pipelines.live import announced_node
    from pipelines.plan import mistake_of, read_plan
    from pipelines.recover import recover_node

    started = time.monotonic()
    place = Workspace.at(workspace)
    noted = mistake_of(place, run_id, node)
    if noted.is_file():
        raise CallError(noted.read_text(encoding="utf-8"), "It was not tried again: start a new run.")
    graph, effects, anew = read_plan(place, run_id)
    nodes = NodeLauncher(graph, place, run_id=run_id, effects=effects, anew=anew)
    found = [each for each in nodes.nodes if each.node_info.id == node]
    if not found:
        raise CallError(f"The graph has no node {node!r}.", "Nodes: " + ", ".join(nodes.names))
    try:
        with announced_node(place, run_id, node):
            with nodes.connection() as store:
                recover_node(store, place, run_id, node)
            state = nodes.launch(found[0])
    except BlockingIOError as error:
        raise CommandError(f"{node} of run {run_id} is running elsewhere.") from error
    except ValueError as error:
        raise _mistake(f"{node} failed: {error}", noted) from error
    say(f"{state} {node} {time.monotonic() - started:.1f} s")


@app.command()
def show(
    workspace: Work,
    run_id: RunId,
    executor_input: Annotated[str, typer.Argument(help="What Kubeflow Pipelines gives its tasks.")],
) -> None:
    """Give Kubeflow's pages the run's review, its metrics and its confusion matrix."""
    from components.evaluate.review.dashboard import read_dashboard
    from components.evaluate.review.page import REVIEW_FILE
    from pipelines.history import History
    from pipelines.kubeflow.outputs import Outputs
    from pipelines.nodes import REVIEW

    folder = History(Workspace.existing(workspace)).newest_output(REVIEW, "review", run_id)
    if folder is None:
        raise CommandError(f"Run {run_id} has no review.")
    found = read_dashboard(Path(folder))
    outputs = Outputs(executor_input)
    outputs.write("review", (Path(folder) / REVIEW_FILE).read_bytes())
    outputs.describe({"metrics": found.metrics, "confusions": found.classification})


@app.command()
def finish(workspace: Work, run_id: RunId) -> None:
    """Publish the run's review, and tell the webhook that ARBITER_WEBHOOK names what came of the run."""
    from pipelines.notify import notify
    from pipelines.outcome import outcome_of
    from pipelines.review import publish_review

    place = Workspace.existing(workspace)
    publish_review(place, run_id)
    outcome = outcome_of(place, run_id)
    say(outcome.words)
    notify(outcome)


def _object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise CallError(f"The configuration is no JSON object: {error}") from error


def _mistake(words: str, noted: Path) -> CallError:
    from components.records.atomic import atomic_write

    logging.getLogger(__name__).exception("a mistake, not to be tried again")
    atomic_write(noted, words)
    return CallError(words)


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    app()
