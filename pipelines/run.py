"""One run of the graph on a dataset, from the command's arguments to what it leaves in the workspace."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from pipelines.config import Config
from pipelines.errors import CallError
from pipelines.fingerprint import fingerprint, require_dataset
from pipelines.held_against import still_holds
from pipelines.lock import exclusive
from pipelines.nodes import IN_SERVICE, PUSH, REVIEW, nodes_of
from pipelines.progress import Reporter
from pipelines.running import logged_run
from pipelines.status import served_models
from pipelines.workspace import Workspace

if TYPE_CHECKING:
    from tfx.orchestration.pipeline import Pipeline


@dataclasses.dataclass(frozen=True, kw_only=True)
class RunRequest:
    """What one run is asked to do.

    Attributes:
        data: The dataset folder.
        workspace: Where everything goes.
        config: What a person set.
        until: The node to stop after; None runs all.
        cache: Take results that are still right from earlier runs.
        command: The command that makes this run again; the review shows it.
        forced: Why the models are pushed whatever the gate decides; "": they are not.
    """

    data: Path
    workspace: Workspace
    config: Config
    until: str | None = None
    cache: bool = True
    command: str = ""
    forced: str = ""


class Prepared(NamedTuple):
    """A graph, and its nodes that look outside of it, or that must run anew; see `NodeLauncher`."""

    pipeline: "Pipeline"
    effects: Sequence[str]
    anew: Sequence[str]


def run(request: RunRequest) -> str:
    """Runs the graph and returns the run's id. Prints a line per node; everything else goes to the log.

    Raises:
        CallError: The dataset or the node does not exist.
        CommandError: Another run holds the workspace, or a node failed.
    """
    nodes = nodes_of(request.config.rankers)
    if request.until is not None and request.until not in nodes:
        raise CallError(f"--until {request.until}: there is no such node.", f"Nodes: {', '.join(nodes)}.")
    require_dataset(request.data, request.config.ingest.requests)
    workspace = request.workspace
    with exclusive(workspace.lock), logged_run(workspace, "The run") as (run_id, reporter):
        _run(request, run_id, reporter)
    return run_id


def prepare(request: RunRequest) -> Prepared:
    """The graph of a run, as the dataset and the workspace are now. With the cache it goes on from the ingest
    before and from the models in service, and has importers that bring them in.

    Raises:
        CallError: The dataset does not exist.
    """
    from pipelines.earlier import earlier_ingest, parent_domains, parent_hyprank, parent_model
    from pipelines.graph import EFFECTS, create_pipeline

    workspace = request.workspace
    workspace.metadata.parent.mkdir(parents=True, exist_ok=True)
    data = request.data.expanduser().absolute()
    content = fingerprint(data, request.config.ingest.requests)
    growing = request.cache
    whole = growing and request.config.rankers
    pipeline = create_pipeline(
        request.config,
        data=data,
        data_fingerprint=content,
        workspace=workspace,
        cache=request.cache,
        command=request.command,
        earlier=earlier_ingest(workspace, content) if growing else None,
        parent=parent_model(workspace, content) if growing else None,
        parent_domains=parent_domains(workspace, content) if whole else None,
        parent_hyprank=parent_hyprank(workspace, content) if whole else None,
        forced=request.forced,
    )
    anew = [] if still_holds(workspace) else [IN_SERVICE]
    if not served_models(workspace):
        anew.append(PUSH)
    return Prepared(pipeline, EFFECTS, anew)


def _run(request: RunRequest, run_id: str, reporter: Reporter) -> None:
    workspace = request.workspace
    with reporter.step("Start"):
        from pipelines.local import LocalRunner
        from pipelines.review import publish_review

        prepared = prepare(request)
    runner = LocalRunner(
        workspace,
        run_id=run_id,
        reporter=reporter,
        until=[request.until] if request.until else (),
        effects=prepared.effects,
        anew=prepared.anew,
    )
    runner.run(prepared.pipeline)
    if request.until in (None, REVIEW, PUSH):
        publish_review(workspace, run_id)
