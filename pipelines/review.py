"""The HTML reviews in the workspace's reports, and what the last of them is about."""

import os
from pathlib import Path

from components.records.atomic import atomic_write
from pipelines.errors import CommandError
from pipelines.history import History
from pipelines.nodes import EVALUATOR, REVIEW
from pipelines.workspace import Workspace

_PAGE = "review.html"


def publish_review(workspace: Workspace, run_id: str) -> None:
    """Puts a run's review into the reports: once under the run's id, and as `review.html`, the newest.

    A run that took its review from the cache adds no second copy of it.
    """
    folder = History(workspace).newest_output(REVIEW, "review", run_id)
    if folder is None:
        return
    page = (Path(folder) / _PAGE).read_bytes()
    latest = workspace.reports / _PAGE
    if latest.is_file() and latest.read_bytes() == page:
        return
    atomic_write(workspace.reports / f"review-{run_id}.html", page)
    atomic_write(latest, page)


def evaluated(workspace: Workspace) -> tuple[Path, Path]:
    """The folders of the newest evaluation and of its verdict.

    Raises:
        CommandError: There is none.
    """
    history = History(workspace)
    evaluation = history.newest_output(EVALUATOR, "evaluation")
    verdict = history.newest_output(EVALUATOR, "verdict")
    if evaluation is None or verdict is None:
        raise CommandError(
            f"{workspace.root} has no evaluation yet.", "Make one: arbiter run DATA --workspace WORK"
        )
    return Path(evaluation), Path(verdict)


def newest_review(workspace: Workspace) -> str | None:
    """Path of the newest review; None where there is none yet."""
    latest = workspace.reports / _PAGE
    return os.fspath(latest) if latest.is_file() else None


def review_of(workspace: Workspace, run_id: str) -> str | None:
    """Path of a run's review; of the newest where the run took its own from the cache."""
    own = workspace.reports / f"review-{run_id}.html"
    return os.fspath(own) if own.is_file() else newest_review(workspace)
