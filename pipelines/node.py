"""The tasks of runs and updates, each a process of its own: python -m pipelines.node COMMAND WORK RUN …

Wherever the processes are, they share the workspace, as one path, and the metadata. A run is first planned,
by any one process; then each node runs as soon as those that it needs are done. An update is trained, then
judged and pushed.
"""

import logging
import shlex
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
import typer

from pipelines.commands.console import CommandGroup, say
from pipelines.config import Config, read_options
from pipelines.errors import CallError, CommandError
from pipelines.nodes import DOMAINS, UPDATE_TASK
from pipelines.noted import judged_as, mistake_of, note_judged
from pipelines.workspace import Workspace

if TYPE_CHECKING:
    from tfx.proto.orchestration import pipeline_pb2

    from pipelines.launch import NodeLauncher
    from pipelines.progress import State
    from pipelines.update_plan import UpdateRequest

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
Domain = Annotated[str, typer.Argument(metavar="DOMAIN", help="Which.")]
Data = Annotated[str, typer.Argument(metavar="DATA", help="A dataset in place of the last run's; '': none.")]
Settings = Annotated[str, typer.Argument(metavar="SETTINGS", help="As of --set, with blanks between.")]


@app.command()
def plan(
    workspace: Work,
    run_id: RunId,
    data: Annotated[Path, typer.Argument(metavar="DATA", help="The dataset folder.")],
    config: Annotated[str, typer.Argument(help="The whole configuration, as JSON.")],
    cache: Annotated[str, typer.Argument(help="true, or false: every node runs anew.")] = "true",
) -> None:
    """Write the graph of a run on the dataset as it is now, and bring in what it goes on from."""
    from pipelines.launch import NodeLauncher
    from pipelines.plan import write_plan
    from pipelines.run import RunRequest, prepare

    if cache not in ("true", "false"):
        raise CallError(f"`cache` must be true or false. Received: {cache!r}")
    place = Workspace.at(workspace)
    chosen = read_options(Config, _object(config))
    prepared = prepare(RunRequest(data=data, workspace=place, config=chosen, cache=cache == "true"))
    own = (node for node, resources in chosen.cluster.nodes.items() if not resources.cache)
    made = write_plan(
        place, run_id, prepared.pipeline, effects=prepared.effects, anew=frozenset((*prepared.anew, *own))
    )
    nodes = NodeLauncher(made.graph, place, run_id=run_id)
    for importer in nodes.importers:
        _launched(nodes, importer, place, run_id)
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
    from pipelines.plan import read_plan

    started = time.monotonic()
    place = Workspace.at(workspace)
    with _mistakes_noted(place, run_id, node):
        graph, effects, anew = read_plan(place, run_id)
        nodes = NodeLauncher(graph, place, run_id=run_id, effects=effects, anew=anew)
        found = [each for each in nodes.nodes if each.node_info.id == node]
        if not found:
            raise CallError(f"The graph has no node {node!r}.", "Nodes: " + ", ".join(nodes.names))
        try:
            state = _launched(nodes, found[0], place, run_id)
        except BlockingIOError as error:
            raise CommandError(f"{node} of run {run_id} is running elsewhere.") from error
    say(f"{state} {node} {time.monotonic() - started:.1f} s")


@app.command()
def train(workspace: Work, run_id: RunId, domain: Domain, data: Data = "", settings: Settings = "") -> None:
    """Train a domain's model, for its update to find."""
    from pipelines.update import train as train_domain

    place = Workspace.existing(workspace)
    with _mistakes_noted(place, run_id, DOMAINS):
        train_domain(place, _requested(place, domain, data, settings))


@app.command()
def update(workspace: Work, run_id: RunId, domain: Domain, data: Data = "", settings: Settings = "") -> None:
    """Judge a domain's new model beside what is in service, as often as that changes, and push it.

    Done too where the gate holds it back; the outcome says so.
    """
    from pipelines.update import update as update_domain

    place = Workspace.existing(workspace)
    with _mistakes_noted(place, run_id, UPDATE_TASK):
        report = update_domain(place, _requested(place, domain, data, settings))
        note_judged(place, run_id, report.run_id)
    say(f"{report.outcome} {domain}, judged {report.judged} times: {report.verdict} {report.reason}")


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

    place = Workspace.existing(workspace)
    folder = History(place).newest_output(REVIEW, "review", judged_as(place, run_id))
    if folder is None:
        raise CommandError(f"Run {run_id} has no review.")
    found = read_dashboard(Path(folder))
    outputs = Outputs(executor_input)
    outputs.write("review", (Path(folder) / REVIEW_FILE).read_bytes())
    outputs.describe({"metrics": found.metrics, "confusions": found.classification})


@app.command()
def finish(
    workspace: Work,
    run_id: RunId,
    domain: Annotated[str, typer.Argument(metavar="DOMAIN", help="Of an update; '': a run.")] = "",
) -> None:
    """Publish a run's review, and tell the webhook that ARBITER_WEBHOOK names what came of run or update."""
    from pipelines.notify import notify
    from pipelines.outcome import outcome_of
    from pipelines.review import publish_review

    place = Workspace.existing(workspace)
    judged = judged_as(place, run_id)
    if not domain:  # an update has done so itself
        publish_review(place, run_id)
    outcome = msgspec.structs.replace(outcome_of(place, judged), run_id=run_id, domain=domain)
    say(outcome.words)
    notify(outcome)


def _requested(place: Workspace, domain: str, data: str, settings: str) -> "UpdateRequest":
    from pipelines.update_plan import UpdateRequest

    folder = Path(data) if data else None
    return UpdateRequest.of(place, domain, data=folder, settings=shlex.split(settings))


@contextmanager
def _mistakes_noted(place: Workspace, run_id: str, task: str) -> Iterator[None]:
    """Notes a mistake of the user's in the block; where one is noted already nothing is done."""
    from components.records.atomic import atomic_write

    noted = mistake_of(place, run_id, task)
    if noted.is_file():
        raise CallError(noted.read_text(encoding="utf-8"), "It was not tried again: start a new run.")
    try:
        yield
    except (CommandError, ValueError) as error:
        known = isinstance(error, CommandError)
        if known and not isinstance(error, CallError) and not isinstance(error.__cause__, ValueError):
            raise
        logging.getLogger(__name__).exception("a mistake, not to be tried again")
        words = str(error) if known else f"{task} failed: {error}"
        atomic_write(noted, words)
        raise CallError(words) from error


def _launched(
    nodes: "NodeLauncher", node: "pipeline_pb2.PipelineNode", place: Workspace, run_id: str
) -> "State":
    """What came of a node; what an attempt that was killed left is cleared away first."""
    from pipelines.live import announced_node
    from pipelines.recover import recover_node

    name = node.node_info.id
    with announced_node(place, run_id, name):
        with nodes.connection() as store:
            recover_node(store, place, run_id, name)
        return nodes.launch(node)


def _object(text: str) -> dict[str, Any]:
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise CallError(f"The configuration is no JSON object: {error}") from error


if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(message)s")
    app()
