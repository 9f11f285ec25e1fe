"""What the tasks of a cluster's run note for each other, beside its plan. Imports no TFX."""

from pathlib import Path

from components.records.atomic import atomic_write
from pipelines.workspace import Workspace

_JUDGED = "judged_as"


def mistake_of(workspace: Workspace, run_id: str, task: str) -> Path:
    """Where it is noted why a task cannot succeed in this run, however often it is tried."""
    return workspace.plans / run_id / f"{task}.mistake"


def note_judged(workspace: Workspace, run_id: str, judged: str) -> None:
    """Notes under which id the metadata has the last judgement of an update, which may be judged again."""
    atomic_write(workspace.plans / run_id / _JUDGED, judged)


def judged_as(workspace: Workspace, run_id: str) -> str:
    """The id that the metadata has: of a run its own, of an update that of its last judgement."""
    noted = workspace.plans / run_id / _JUDGED
    return noted.read_text(encoding="utf-8") if noted.is_file() else run_id
