"""One run of the graph on a dataset, from the command's arguments to what it leaves in the workspace."""

import dataclasses
import gc
import logging
from datetime import UTC, datetime
from pathlib import Path

from pipelines.config import Config
from pipelines.errors import CallError, CommandError
from pipelines.fingerprint import fingerprint, require_dataset
from pipelines.lock import exclusive
from pipelines.logs import captured
from pipelines.nodes import NODES, PUSH, REVIEW
from pipelines.progress import Reporter
from pipelines.status import served_models
from pipelines.workspace import Workspace

_log = logging.getLogger(__name__)


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
    """

    data: Path
    workspace: Workspace
    config: Config
    until: str | None = None
    cache: bool = True
    command: str = ""


def run(request: RunRequest) -> str:
    """Runs the graph and returns the run's id. Prints a line per node; everything else goes to the log.

    Raises:
        CallError: The dataset or the node does not exist.
        CommandError: Another run holds the workspace, or a node failed.
    """
    if request.until is not None and request.until not in NODES:
        raise CallError(f"--until {request.until}: there is no such node.", f"Nodes: {', '.join(NODES)}.")
    require_dataset(request.data, request.config.ingest.requests)
    workspace = request.workspace
    with exclusive(workspace.lock):
        run_id = f"{datetime.now(UTC):%Y%m%dT%H%M%S.%fZ}"
        log = workspace.log_of(run_id)
        with captured(log) as terminal:
            try:
                _run(request, run_id, Reporter(terminal))
            except CommandError:
                _log.exception("the run failed")
                raise
            except Exception as error:  # a bug: the person gets one readable block, the log the traceback
                _log.exception("the run failed")
                raise CommandError(
                    f"The run failed: {type(error).__name__}: {error}", f"The whole story is in {log}."
                ) from error
            finally:
                gc.collect()  # TensorFlow's sessions complain when they are dropped at the very end
    return run_id


def _run(request: RunRequest, run_id: str, reporter: Reporter) -> None:
    workspace = request.workspace
    with reporter.step("Start"):
        from pipelines.graph import EFFECTS, create_pipeline
        from pipelines.local import LocalRunner
        from pipelines.review import publish_review

        workspace.metadata.parent.mkdir(parents=True, exist_ok=True)
        data = request.data.expanduser().absolute()
        pipeline = create_pipeline(
            request.config,
            data=data,
            data_fingerprint=fingerprint(data, request.config.ingest.requests),
            workspace=workspace,
            cache=request.cache,
            command=request.command,
        )
    runner = LocalRunner(
        workspace,
        run_id=run_id,
        reporter=reporter,
        until=[request.until] if request.until else (),
        effects=EFFECTS,
        anew=() if served_models(workspace) else EFFECTS,
    )
    runner.run(pipeline)
    if request.until in (None, REVIEW, PUSH):
        publish_review(workspace, run_id)
