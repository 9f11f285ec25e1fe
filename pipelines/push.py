"""Pushes what the newest run judged, outside a run: after the serving folder was lost or rolled back, or by
force what the gate held back."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import NamedTuple

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components.push.options import PushOptions
from components.push.push import push
from components.push.result import PushResult
from components.push.serving_folder import stable_versions
from components.records.domain_signature import domain_model
from components.records.model_names import brief_names, in_brief
from components.records.model_set import candidate_folders, system_folders
from components.records.ranked_system import RankedSystem, models_of_use, read_system
from components.records.rollout import read_rollout
from components.records.shortlister_signature import SHORTLISTER
from components.records.verdict import Verdict, read_verdict
from components.records.version_folder import folder_hash, read_manifest
from pipelines.errors import CallError, CommandError
from pipelines.history import History
from pipelines.lock import exclusive
from pipelines.metadata import connection_config
from pipelines.nodes import EVALUATOR, FIRST_RANK, RANK, SECOND_RANK
from pipelines.workspace import Workspace

_CANDIDATES = ("model", "domain_models", "hyprank")
"""The inputs of `Rank` that hold models."""
_AGAIN = "Run anew: arbiter run DATA --workspace WORK"


class _Judged(NamedTuple):
    """What the newest run made, what was asked of it last, and what was decided.

    Attributes:
        made: Version folders of all candidates by name.
        asked: Those that were judged last.
        predictions, first: What they answered, and what all of them answered together.
    """

    made: dict[str, Path]
    asked: RankedSystem
    verdict: Verdict
    predictions: Path
    first: Path


def push_newest(
    workspace: Workspace, options: PushOptions, *, domain: str | None = None, forced: str = ""
) -> PushResult:
    """Pushes what the last run, update or change made and judged, by the same checks as the graph's Push.

    Args:
        domain: This one's model alone.
        forced: Why it is pushed whatever was decided; then also what was held back. "": it is not.

    Raises:
        CallError: The newest run made no model of the domain.
        CommandError: A run holds the workspace, nothing was judged yet, all of it is in service already, or
            what it was judged beside is gone.
        ServingError: The server that must load it failed.
    """
    with exclusive(workspace.lock):
        judged = _judged(workspace)
        names = judged.made if forced else judged.asked.candidates
        if domain is not None:
            names = _of_domain(judged, domain, forced=bool(forced))
        candidates = {model: judged.made[model] for model in names}
        now = stable_versions(workspace.serving)
        tried = _tried(workspace, judged, candidates)
        if tried and not options.mode:
            raise CommandError(
                f"Live traffic tries them already: {in_brief(tried)}.",
                "Put them into service: arbiter promote WORK",
            )
        if tried:
            candidates = tried
        elif waiting := {m: f for m, f in candidates.items() if not _serves(workspace, now, m, f)}:
            candidates = waiting if forced else candidates
        else:
            said = (f"{name} as version {now[name]}" if name in now else name for name in brief_names(names))
            held = in_brief(model.model for model in judged.verdict.held_back)
            raise CommandError(
                f"The newest models are in service already: {', '.join(said)}.",
                f"Held back: {held}. All the same: --force --reason TEXT" if held else "",
            )
        beside: Mapping[str, int] = judged.asked.in_service
        if forced or domain is not None:
            beside = _of_use(workspace, candidates, now)
        if domain is not None and not (forced or tried):
            _require_what_was_measured(workspace, judged, candidates, beside)
        try:
            system_folders(candidates, workspace.serving, beside)
        except ValueError as error:
            raise CommandError(str(error), _AGAIN) from error
        if options.mode and SHORTLISTER not in now:
            raise CommandError("Nothing is in service that candidates could be tried beside.", "Push them.")
        result = push(
            candidates,
            judged.first if forced else judged.predictions,
            workspace.serving,
            in_service=beside,
            blessed=judged.verdict.allows(judged.asked.candidates),
            verdict=judged.verdict.words,
            forced=forced,
            options=options,
        )
        record_push(workspace, result)
        return result


def _judged(workspace: Workspace) -> _Judged:
    history = History(workspace)
    verdict = history.newest_output(EVALUATOR, "verdict")
    predictions = history.newest_input(EVALUATOR, "predictions")
    ranked = None if predictions is None else history.made(RANK, predictions)
    if verdict is None or predictions is None or ranked is None:
        raise CommandError(
            f"{workspace.root} has no judged model.", "Make one: arbiter run DATA --workspace WORK"
        )
    first, made = predictions, ranked
    for node in (SECOND_RANK, FIRST_RANK):
        first = made.inputs.get("earlier", first)
        made = history.made(node, first) or made
    given = {name: Path(folder) for name, folder in ranked.inputs.items() if name in _CANDIDATES}
    return _Judged(
        made=candidate_folders(**given),
        asked=read_system(Path(predictions)),
        verdict=read_verdict(Path(verdict)),
        predictions=Path(predictions),
        first=Path(first),
    )


def _tried(workspace: Workspace, judged: _Judged, candidates: Mapping[str, Path]) -> dict[str, Path]:
    """The candidates of the open rollout, where these are among them; none where it is of others."""
    rollout = read_rollout(workspace.serving)
    if rollout is None or not rollout.open or not {*candidates} & {*rollout.models}:
        return {}
    made = {model: folder for model, folder in judged.made.items() if model in rollout.models}
    same = {model: folder_hash(folder) for model, folder in made.items()} == rollout.hashes
    return made if same else {}


def _of_domain(judged: _Judged, domain: str, *, forced: bool) -> tuple[str, ...]:
    model = domain_model(domain)
    if model not in judged.made:
        raise CallError(
            f"The newest run made no model of the domain {domain!r}.",
            f"It made: {in_brief(judged.made)}.",
        )
    if model not in judged.asked.candidates and not forced:
        words = next((held.words for held in judged.verdict.models if held.model == model), "It was refused.")
        raise CommandError(f"{model} was held back. {words}", "Push it all the same: --force --reason TEXT")
    return (model,)


def _of_use(workspace: Workspace, candidates: Mapping[str, Path], now: Mapping[str, int]) -> dict[str, int]:
    """The versions in service that the system with these candidates has a use for."""
    if SHORTLISTER not in candidates and SHORTLISTER not in now:
        return {}
    shortlister = candidates.get(SHORTLISTER) or workspace.serving / SHORTLISTER / str(now[SHORTLISTER])
    of_use = models_of_use(set(read_manifest(shortlister).domains))
    return {model: version for model, version in now.items() if model in of_use}


def _require_what_was_measured(
    workspace: Workspace, judged: _Judged, pushed: Collection[str], beside: Mapping[str, int]
) -> None:
    """Raises `CommandError` where another model is in service than those were judged beside that are
    pushed."""
    changed = [
        model
        for model, version in beside.items()
        if model not in pushed
        and not (
            _serves(workspace, beside, model, judged.made[model])
            if model in judged.asked.candidates
            else judged.asked.in_service.get(model) == version
        )
    ]
    if changed:
        raise CommandError(
            f"It was judged beside other models than those in service: {in_brief(changed)}.",
            "Push all that was judged together, without --domain; or: --force --reason TEXT",
        )


def _serves(workspace: Workspace, now: Mapping[str, int], model: str, folder: Path) -> bool:
    """Whether the model in service is the one in `folder`."""
    return model in now and (folder_hash(workspace.serving / model / str(now[model])) == folder_hash(folder))


def record_push(workspace: Workspace, result: PushResult) -> None:
    """Leaves in the metadata what the graph's Push leaves; of a rollout and a rollback, too."""
    store = metadata_store.MetadataStore(connection_config(workspace))
    kind = metadata_store_pb2.ArtifactType(name="PushedModel")
    pushed = metadata_store_pb2.Artifact(
        type_id=store.put_artifact_type(kind, can_add_fields=True, can_omit_fields=True),
        uri=str(workspace.serving),
        state=metadata_store_pb2.Artifact.LIVE,
    )
    for name, value in result.properties.items():
        if isinstance(value, int):
            pushed.custom_properties[name].int_value = value
        else:
            pushed.custom_properties[name].string_value = value
    store.put_artifacts([pushed])
