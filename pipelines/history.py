"""What the metadata says about past runs; reads ML Metadata without importing TFX."""

import json
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

import msgspec
from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2

from pipelines.live import live_runs
from pipelines.metadata import connection_config
from pipelines.nodes import (
    NODES,
    PUSH,
    RANKERS,
    SKILL_CHANGE,
    SKILL_NODES,
    UPDATE,
    UPDATE_NODES,
    WHOLE_CHANGE,
    nodes_of,
)
from pipelines.workspace import Workspace

_OPEN = "open"
_STATES = {
    metadata_store_pb2.Execution.COMPLETE: "done",
    metadata_store_pb2.Execution.CACHED: "cached",
    metadata_store_pb2.Execution.FAILED: "failed",
    metadata_store_pb2.Execution.RUNNING: _OPEN,
    metadata_store_pb2.Execution.NEW: _OPEN,
}


class NodeRun(msgspec.Struct, frozen=True):
    """What one node did in a run.

    Attributes:
        node: Its name in the graph.
        state: done, cached, failed, running, killed, or "not run".
        seconds: From its start to its end; 0 where it did not run or has not ended.
    """

    node: str
    state: str = "not run"
    seconds: float = 0.0


class Run(msgspec.Struct, frozen=True):
    """One run: its id, which is its start in UTC, and every node of the graph."""

    run_id: str
    nodes: tuple[NodeRun, ...]


class Made(NamedTuple):
    """The folders that an execution read and made, and its parameters, by name."""

    inputs: dict[str, str]
    parameters: dict[str, str]
    outputs: dict[str, str]


class Pushed(NamedTuple):
    """What came of a push: `pushed`, or why not; and the same in words."""

    outcome: str
    reason: str


class History:
    """The runs of a workspace, as its metadata has them."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._store = metadata_store.MetadataStore(connection_config(workspace, reading=True))

    def last_run(self, nodes: Sequence[str] | None = None) -> Run | None:
        """The run that started last, with each of `nodes`; None where there was none.

        Args:
            nodes: None: those of its kind of run.
        """
        runs = self._store.get_contexts_by_type("pipeline_run")
        return self._run(max(runs, key=lambda run: run.id), nodes) if runs else None

    def run(self, run_id: str) -> Run | None:
        """The run with this id, with each node of its kind of run; None where there is none."""
        context = self._store.get_context_by_type_and_name("pipeline_run", run_id)
        return None if context is None else self._run(context, None)

    def _run(self, last: metadata_store_pb2.Context, nodes: Sequence[str] | None) -> Run:
        still_open = "running" if last.name in live_runs(self._workspace) else "killed"
        done: dict[str, NodeRun] = {}
        graph = ""
        for execution in self._store.get_executions_by_context(last.id):
            state = _STATES.get(execution.last_known_state, "failed")
            graph, node = self._place_of(execution)
            done[node] = NodeRun(
                node,
                still_open if state == _OPEN else state,
                max(execution.last_update_time_since_epoch - execution.create_time_since_epoch, 0) / 1000,
            )
        shown = nodes or _shown(graph, done)
        return Run(last.name, tuple(done.get(node, NodeRun(node)) for node in shown))

    def newest_output(self, node: str, output: str, run_id: str | None = None) -> str | None:
        """The folder of the newest artifact that `node` published as `output`; None where there is none.

        A node that took its result from the cache published it anew: the newest is what the last run used.

        Args:
            run_id: Of this run alone.
        """
        return self._newest(node, output, metadata_store_pb2.Event.OUTPUT, run_id)

    def newest_input(self, node: str, name: str) -> str | None:
        """The folder of what `node` last read as input `name`; None where it never ran."""
        return self._newest(node, name, metadata_store_pb2.Event.INPUT)

    def made(self, node: str, folder: str) -> Made | None:
        """How `node` last made the artifact in `folder`; None where it did not."""
        return next((made for made in self.every(node) if folder in made.outputs.values()), None)

    def every(self, node: str) -> Iterator[Made]:
        """What every execution of `node` that ended well read and made, the newest first."""
        for execution in _done(self._of_node(node)):
            yield Made(
                self._folders(execution, metadata_store_pb2.Event.INPUT),
                {name: value.string_value for name, value in execution.custom_properties.items()},
                self._folders(execution, metadata_store_pb2.Event.OUTPUT),
            )

    def pushed(self, run_id: str) -> Pushed:
        """What came of a run's push, to which it must have come."""
        made = self._made_by(_done(self._of_run(run_id, PUSH))[0])
        return Pushed(*(made.custom_properties[name].string_value for name in ("outcome", "reason")))

    def _made_by(self, execution: metadata_store_pb2.Execution) -> metadata_store_pb2.Artifact:
        """The one artifact that the execution made."""
        events = self._store.get_events_by_execution_ids([execution.id])
        ids = [event.artifact_id for event in events if event.type == metadata_store_pb2.Event.OUTPUT]
        [made] = self._store.get_artifacts_by_id(ids)
        return made

    def put_in_service(self, node: str, folder: str) -> list[dict[str, int]]:
        """The versions in service after each push of the runs in which `node` gave the artifact in
        `folder`."""
        found = []
        for execution in _done(self._of_node(node)):
            if folder not in self._folders(execution, metadata_store_pb2.Event.OUTPUT).values():
                continue
            contexts = self._store.get_contexts_by_execution(execution.id)
            [run] = [str(context.name) for context in contexts if context.type == "pipeline_run"]
            for push in _done(self._of_run(run, PUSH)):
                said = self._made_by(push).custom_properties
                if said["pushed"].int_value:
                    found.append(json.loads(said["in_service"].string_value))
        return found

    def _newest(self, node: str, name: str, direction: int, run_id: str | None = None) -> str | None:
        done = _done(self._of_node(node) if run_id is None else self._of_run(run_id, node))
        return self._folders(done[0], direction).get(name) if done else None

    def _folders(self, execution: metadata_store_pb2.Execution, direction: int) -> dict[str, str]:
        """Where the artifacts lie that an execution read or made, by name."""
        events = self._store.get_events_by_execution_ids([execution.id])
        names = {e.artifact_id: e.path.steps[0].key for e in events if e.type == direction}
        return {names[a.id]: str(a.uri) for a in self._store.get_artifacts_by_id(list(names))}

    def _of_node(self, node: str) -> list[metadata_store_pb2.Execution]:
        return [
            execution
            for context in self._store.get_contexts_by_type("node")
            if context.name.endswith(f".{node}")
            for execution in self._store.get_executions_by_context(context.id)
        ]

    def _of_run(self, run_id: str, node: str) -> list[metadata_store_pb2.Execution]:
        run = self._store.get_context_by_type_and_name("pipeline_run", run_id)
        found = [] if run is None else self._store.get_executions_by_context(run.id)
        return [execution for execution in found if self._node_of(execution) == node]

    def _node_of(self, execution: metadata_store_pb2.Execution) -> str:
        return self._place_of(execution)[1]

    def _place_of(self, execution: metadata_store_pb2.Execution) -> tuple[str, str]:
        """The names of the graph and of the node."""
        contexts = self._store.get_contexts_by_execution(execution.id)
        names = [str(context.name) for context in contexts if context.type == "node"]
        name = names[0] if names else ""
        return name.partition(".")[0], name.rpartition(".")[2]


def _shown(graph: str, done: Collection[str]) -> tuple[str, ...]:
    """The nodes of a kind of run."""
    if graph == UPDATE:
        read = tuple(node for node in NODES if node in done and node not in UPDATE_NODES)
        return read + UPDATE_NODES
    if SKILL_CHANGE in done:
        return tuple(node for node in SKILL_NODES if node in done or node not in WHOLE_CHANGE)
    return nodes_of(any(node in done for node in RANKERS))


def _done(executions: Sequence[metadata_store_pb2.Execution]) -> list[metadata_store_pb2.Execution]:
    """Those that ended well, the newest first."""
    done = [e for e in executions if _STATES.get(e.last_known_state) in ("done", "cached")]
    return sorted(done, key=lambda execution: -execution.id)
