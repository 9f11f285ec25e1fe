"""Pushes the newest model of a workspace outside a run: after the serving folder was lost or rolled back."""

from pathlib import Path

from components.evaluate.verdict import read_verdict
from components.push.options import PushOptions
from components.push.push import PushResult
from components.push.push import push as push_candidate
from components.records.artifact_files import version_folder_in
from components.records.models_config import MODELS_CONFIG, stable_version
from components.records.version_folder import folder_hash, read_manifest
from pipelines.errors import CommandError
from pipelines.history import History
from pipelines.lock import exclusive
from pipelines.nodes import EVALUATOR, RANK
from pipelines.workspace import Workspace


def push_newest(workspace: Workspace, options: PushOptions) -> PushResult:
    """Pushes what the last run or change of skills made and judged, by the same checks as the graph's Push.

    Raises:
        CommandError: A run holds the workspace, nothing was judged yet, or the model is in service already.
        ServingError: The server that must load it failed.
    """
    with exclusive(workspace.lock):
        history = History(workspace)
        model = history.newest_input(RANK, "model")  # of a training, or of a change of skills
        verdict, predictions = (
            history.newest_output(node, output)
            for node, output in ((EVALUATOR, "verdict"), (RANK, "predictions"))
        )
        if model is None or verdict is None or predictions is None:
            raise CommandError(
                f"{workspace.root} has no judged model.", "Make one: arbiter run DATA --workspace WORK"
            )
        candidate, decided = version_folder_in(Path(model)), read_verdict(Path(verdict))
        name = read_manifest(candidate).kind
        if (version := _version_in_service(workspace, name, candidate)) is not None:
            raise CommandError(f"{name}: the newest model is in service already, as version {version}.")
        return push_candidate(
            candidate,
            Path(predictions),
            workspace.serving,
            name,
            blessed=decided.blessed,
            verdict=decided.words,
            options=options,
        )


def _version_in_service(workspace: Workspace, name: str, candidate: Path) -> int | None:
    """The stable version of the model if it holds the candidate's very files."""
    version = stable_version(workspace.serving / MODELS_CONFIG, name)
    if version is None or folder_hash(workspace.serving / name / str(version)) != folder_hash(candidate):
        return None
    return version
