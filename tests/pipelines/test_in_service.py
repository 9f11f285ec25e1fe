"""What is in service after a run that was stopped before its push, as the metadata has it."""

import json
import shutil

import pytest
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from components.records.artifact_files import version_folder_in
from pipelines.errors import CommandError
from pipelines.in_service import in_service
from pipelines.metadata import connection_config
from pipelines.nodes import EVALUATOR, PUSH, RANK, REVIEW, SHORTLISTER
from pipelines.workspace import Workspace
from tests.push.fakes import fake_system, push_fakes

RUN = "20261121T120000"


class Metadata:
    """Writes what the nodes of one run leave."""

    def __init__(self, workspace):
        workspace.metadata.parent.mkdir(parents=True)
        self._store = metadata_store.MetadataStore(connection_config(workspace))
        self._artifact = self._store.put_artifact_type(metadata_store_pb2.ArtifactType(name="Model"))
        self._node = self._store.put_context_type(metadata_store_pb2.ContextType(name="node"))
        self._run = self._store.put_context_type(metadata_store_pb2.ContextType(name="pipeline_run"))

    def artifact(self, uri):
        made = metadata_store_pb2.Artifact(type_id=self._artifact, uri=str(uri))
        [made.id] = self._store.put_artifacts([made])
        return made

    def node(self, name, read, made, **options):
        kind = self._store.put_execution_type(metadata_store_pb2.ExecutionType(name=name))
        execution = metadata_store_pb2.Execution(type_id=kind)
        execution.last_known_state = metadata_store_pb2.Execution.COMPLETE
        execution.custom_properties["options"].string_value = json.dumps(options)
        events = []
        directions = (metadata_store_pb2.Event.INPUT, read), (metadata_store_pb2.Event.OUTPUT, made)
        for direction, artifacts in directions:
            for key, artifact in artifacts.items():
                event = metadata_store_pb2.Event(type=direction)
                event.path.steps.add().key = key
                events.append((artifact, event))
        contexts = [
            metadata_store_pb2.Context(type_id=self._node, name=f"arbiter.{name}"),
            metadata_store_pb2.Context(type_id=self._run, name=RUN),
        ]
        self._store.put_execution(execution, events, contexts, reuse_context_if_already_exist=True)


@pytest.fixture
def made(tmp_path):
    """A workspace whose Shortlister was pushed after a run that ended with its judgement; its metadata."""
    workspace = Workspace.at(tmp_path / "work")
    candidates = fake_system(tmp_path, "first", "shortlister")
    assert push_fakes(candidates, workspace.serving).pushed
    shutil.copytree(candidates["shortlister"], version_folder_in(tmp_path / "model"))
    metadata = Metadata(workspace)
    names = ("model", "run", "catalogue", "examples", "popularity", "predictions", "evaluation", "letters")
    artifacts = {name: metadata.artifact(tmp_path / name) for name in names}
    metadata.node(SHORTLISTER, {}, {"model": artifacts["model"], "model_run": artifacts["run"]}, epochs=3)
    metadata.node(RANK, {"model": artifacts["model"]}, {"predictions": artifacts["predictions"]}, top=5)
    judged = {name: artifacts[name] for name in ("predictions", "catalogue", "examples", "popularity")}
    metadata.node(EVALUATOR, judged, {"evaluation": artifacts["evaluation"]})
    return workspace, metadata, artifacts


def test_it_is_what_the_run_judged_last(made, tmp_path):
    workspace, metadata, artifacts = made
    read = {"predictions": artifacts["predictions"], "dead_letters": artifacts["letters"]}
    metadata.node(REVIEW, read, {})
    found = in_service(workspace, "shortlister")
    assert (found.version, found.versions) == (1, {"shortlister": 1})
    assert found.model == str(tmp_path / "model")
    assert (found.catalogue, found.evaluation) == (str(tmp_path / "catalogue"), str(tmp_path / "evaluation"))
    assert found.dead_letters == str(tmp_path / "letters")
    assert found.options == {SHORTLISTER: {"epochs": 3}, RANK: {"top": 5}, EVALUATOR: {}, REVIEW: {}}


def test_a_run_without_a_review_is_not_enough_and_it_says_so(made):
    with pytest.raises(CommandError, match="has no Review: it was stopped before"):
        in_service(made[0], "shortlister")


def test_to_be_tried_live_was_for_that_push_alone(made):
    workspace, metadata, artifacts = made
    read = {"predictions": artifacts["predictions"], "dead_letters": artifacts["letters"]}
    metadata.node(REVIEW, read, {})
    read = {"predictions": artifacts["predictions"], "model": artifacts["model"]}
    metadata.node(PUSH, read, {}, canary=0.05, shadow=False, keep=3)
    assert in_service(workspace, "shortlister").options[PUSH] == {"keep": 3}
