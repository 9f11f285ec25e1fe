"""What is in service and everything it was made and judged with, as the metadata has it."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components.push.push_log import NEW
from components.push.serving_folder import stable_versions
from components.records.artifact_files import version_folder_in
from components.records.version_folder import MANIFEST, folder_hash
from pipelines.errors import CommandError
from pipelines.metadata import connection_config
from pipelines.nodes import EVALUATOR, PUSH, RANK, REVIEW, SHORTLISTER, SKILL_CHANGE
from pipelines.workspace import Workspace

_Event = metadata_store_pb2.Event
_ONCE = ("canary", "shadow")
_DONE = (metadata_store_pb2.Execution.COMPLETE, metadata_store_pb2.Execution.CACHED)


class InService(msgspec.Struct, frozen=True, kw_only=True):
    """One version in service, by the folders of its artifacts.

    Attributes:
        version: Its number.
        versions: Of every model in service, by name.
        model, model_run: What its training, or a later change of skills, left.
        catalogue, examples, popularity: What it was judged on.
        evaluation: How it was judged.
        dead_letters: Records that its run refused.
        options: JSON of the options of the nodes that made, judged and pushed it, by node.
    """

    version: int
    versions: dict[str, int]
    model: str
    model_run: str
    catalogue: str
    examples: str
    popularity: str
    evaluation: str
    dead_letters: str
    options: dict[str, dict[str, Any]]

    @property
    def version_folder(self) -> Path:
        return version_folder_in(Path(self.model))


def in_service(workspace: Workspace, model: str) -> InService:
    """The version of `model` that is labelled stable.

    Raises:
        CommandError: Nothing is in service, or the metadata does not know what is.
    """
    versions = stable_versions(workspace.serving)
    if model not in versions:
        raise CommandError(
            f"{workspace.root} has no {model} in service.",
            "Train one that passes its gate: arbiter run DATA --workspace WORK",
        )
    return _Lineage(workspace).of(model, versions, workspace.serving)


def numbers_stand(workspace: Workspace, versions: Mapping[str, int]) -> bool:
    """Whether each version is what was once pushed under its number.

    It is not where the serving folder was lost and filled again. What nodes made of the versions, by number,
    is then of others.
    """
    return _Lineage(workspace).pushed_as(workspace.serving, versions)


class _Judged(NamedTuple):
    """What an execution pushed, or judged, a model by."""

    by: metadata_store_pb2.Execution
    predictions: metadata_store_pb2.Artifact


class _Lineage:
    """Walks the metadata from a model to its neighbours."""

    def __init__(self, workspace: Workspace) -> None:
        self._store = metadata_store.MetadataStore(connection_config(workspace, reading=True))

    def of(self, name: str, versions: dict[str, int], serving: Path) -> InService:
        folder = serving / name / str(versions[name])
        model = self._model(folder)
        if model is None:
            raise CommandError(
                f"The metadata does not know the model in {folder}: it came from elsewhere, or it is gone.",
                "Train and push one here: arbiter run DATA --workspace WORK",
            )
        maker = self._maker(model.id)
        predictions = self._judged(model.id).predictions.id
        evaluator = self._execution(predictions, _Event.INPUT, EVALUATOR)
        review = self._execution(predictions, _Event.INPUT, REVIEW)
        judged = self._artifacts(evaluator, _Event.INPUT)
        return InService(
            version=versions[name],
            versions=versions,
            model=str(model.uri),
            model_run=str(self._artifacts(maker, _Event.OUTPUT)["model_run"].uri),
            catalogue=str(judged["catalogue"].uri),
            examples=str(judged["examples"].uri),
            popularity=str(judged["popularity"].uri),
            evaluation=str(self._artifacts(evaluator, _Event.OUTPUT)["evaluation"].uri),
            dead_letters=str(self._artifacts(review, _Event.INPUT)["dead_letters"].uri),
            options=self._options(model.id),
        )

    def pushed_as(self, serving: Path, versions: Mapping[str, int]) -> bool:
        hashes = {model: folder_hash(serving / model / str(version)) for model, version in versions.items()}
        for artifact in self._store.get_artifacts_by_type("PushedModel"):
            said = artifact.custom_properties
            if said["outcome"].string_value not in NEW:
                continue
            for model, version in versions.items():
                same_number = said[f"version.{model}"].int_value == version
                if same_number and said[f"hash.{model}"].string_value != hashes[model]:
                    return False
        return True

    def _options(self, model: int) -> dict[str, dict[str, Any]]:
        """Those of the run that pushed it; where that only changed skills, over those of the run before."""
        maker = self._maker(model)
        changed = self._node(maker) == SKILL_CHANGE
        before = self._options(self._artifacts(maker, _Event.INPUT)["base_model"].id) if changed else {}
        contexts = self._store.get_contexts_by_execution(self._judged(model).by.id)
        [run] = [context for context in contexts if context.type == "pipeline_run"]
        own = {
            self._node(execution): json.loads(execution.custom_properties["options"].string_value)
            for execution in self._store.get_executions_by_context(run.id)
            if "options" in execution.custom_properties
        }
        if PUSH in own:  # to be tried live was for that push alone
            own[PUSH] = {name: value for name, value in own[PUSH].items() if name not in _ONCE}
        return {**before, **own}

    def _maker(self, model: int) -> metadata_store_pb2.Execution:
        return self._execution(model, _Event.OUTPUT, SHORTLISTER, SKILL_CHANGE)

    def _judged(self, model: int) -> _Judged:
        """The newest push of the model that put it into service; where there is none, the newest; where its
        run was stopped before it, what was asked of it last."""

        def rank(push: metadata_store_pb2.Execution) -> tuple[int, int]:
            made = self._artifacts(push, _Event.OUTPUT).get("pushed")
            return 0 if made is None else made.custom_properties["pushed"].int_value, push.id

        pushes = self._executions(model, _Event.INPUT, PUSH)
        if pushes:
            push = max(pushes, key=rank)
            return _Judged(push, self._artifacts(push, _Event.INPUT)["predictions"])
        ranked = self._execution(model, _Event.INPUT, RANK)
        return _Judged(ranked, self._artifacts(ranked, _Event.OUTPUT)["predictions"])

    def _model(self, folder: Path) -> metadata_store_pb2.Artifact | None:
        """The newest model artifact with the very files of `folder`."""
        manifest, wanted = (folder / MANIFEST).read_bytes(), folder_hash(folder)
        for artifact in sorted(self._store.get_artifacts_by_type("Model"), key=lambda a: -a.id):
            made = version_folder_in(Path(artifact.uri))
            path = made / MANIFEST
            if path.is_file() and path.read_bytes() == manifest and folder_hash(made) == wanted:
                return artifact
        return None

    def _execution(self, artifact: int, direction: int, *nodes: str) -> metadata_store_pb2.Execution:
        """The newest finished execution of these nodes that made or read the artifact.

        A node that takes its result from the cache makes the artifact anew: all of these are alike.
        """
        found = [e for e in self._executions(artifact, direction, *nodes) if e.last_known_state in _DONE]
        if not found:
            raise CommandError(
                f"The run that made what is in service has no {' or '.join(nodes)}: it was stopped before.",
                "Run it to its end: arbiter run DATA --workspace WORK",
            )
        return max(found, key=lambda execution: execution.id)

    def _executions(self, artifact: int, direction: int, *nodes: str) -> list[metadata_store_pb2.Execution]:
        events = self._store.get_events_by_artifact_ids([artifact])
        ids = [event.execution_id for event in events if event.type == direction]
        return [e for e in self._store.get_executions_by_id(ids) if self._node(e) in nodes]

    def _node(self, execution: metadata_store_pb2.Execution) -> str:
        contexts = self._store.get_contexts_by_execution(execution.id)
        names = [str(context.name) for context in contexts if context.type == "node"]
        return names[0].rpartition(".")[2] if names else ""

    def _artifacts(
        self, execution: metadata_store_pb2.Execution, direction: int
    ) -> dict[str, metadata_store_pb2.Artifact]:
        """What an execution read or made, by name."""
        events = self._store.get_events_by_execution_ids([execution.id])
        names = {e.artifact_id: e.path.steps[0].key for e in events if e.type == direction}
        return {names[a.id]: a for a in self._store.get_artifacts_by_id(list(names))}
