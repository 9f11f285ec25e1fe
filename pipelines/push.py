"""Pushes the newest models of a workspace outside a run: after the serving folder was lost or rolled back."""

from collections.abc import Mapping
from pathlib import Path

from components.push.options import PushOptions
from components.push.push import PushResult, push
from components.push.serving_folder import stable_versions
from components.records.model_names import brief_names
from components.records.model_set import candidate_folders, read_versions, system_folders
from components.records.verdict import read_verdict
from components.records.version_folder import folder_hash
from pipelines.errors import CommandError
from pipelines.history import History
from pipelines.lock import exclusive
from pipelines.nodes import EVALUATOR, RANK
from pipelines.workspace import Workspace

_CANDIDATES = ("model", "domain_models", "hyprank")
"""The inputs of `Rank` that hold models."""


def push_newest(workspace: Workspace, options: PushOptions) -> PushResult:
    """Pushes what the last run or change made and judged, by the same checks as the graph's Push.

    Raises:
        CommandError: A run holds the workspace, nothing was judged yet, all of it is in service already, or
            what it was judged beside is gone.
        ServingError: The server that must load it failed.
    """
    with exclusive(workspace.lock):
        history = History(workspace)
        verdict, predictions = (
            history.newest_output(EVALUATOR, "verdict"),
            history.newest_input(EVALUATOR, "predictions"),
        )
        ranked = None if predictions is None else history.made(RANK, predictions)
        if verdict is None or predictions is None or ranked is None:
            raise CommandError(
                f"{workspace.root} has no judged model.", "Make one: arbiter run DATA --workspace WORK"
            )
        given = {name: Path(folder) for name, folder in ranked.inputs.items() if name in _CANDIDATES}
        candidates = candidate_folders(**given)
        in_service = read_versions(ranked.parameters.get("in_service", "{}"))
        _check(workspace, candidates, in_service)
        decided = read_verdict(Path(verdict))
        return push(
            candidates,
            Path(predictions),
            workspace.serving,
            in_service=in_service,
            blessed=decided.blessed,
            verdict=decided.words,
            options=options,
        )


def _check(workspace: Workspace, candidates: Mapping[str, Path], in_service: Mapping[str, int]) -> None:
    """Raises `CommandError` where the candidates are in service already, or cannot be judged any more."""
    now = stable_versions(workspace.serving)
    if all(
        model in now and folder_hash(workspace.serving / model / str(now[model])) == folder_hash(candidate)
        for model, candidate in candidates.items()
    ):
        names = brief_names(candidates)
        versions = ", ".join(f"{name} as version {now[name]}" if name in now else name for name in names)
        raise CommandError(f"The newest models are in service already: {versions}.")
    try:
        system_folders(candidates, workspace.serving, in_service)
    except ValueError as error:
        raise CommandError(str(error), "Run anew: arbiter run DATA --workspace WORK") from error
