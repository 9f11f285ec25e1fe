"""Runs the graph on this machine, node after node, with SQLite metadata."""

import re
from collections.abc import Collection

from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.proto.orchestration import pipeline_pb2

from components.records.news import NEWS
from pipelines.errors import CommandError
from pipelines.launch import NodeLauncher, is_importer
from pipelines.progress import Reporter, State
from pipelines.recover import recover
from pipelines.workspace import Workspace

_BEAM_STAGE = re.compile(r" \[while running '[^']*'\]")
_CAUSE_LINES = 25


class LocalRunner(LocalDagRunner):
    """TFX's local runner with a line per node, a run id of the caller's, and recovery from a killed run.

    The caller holds the workspace's lock, and has announced the run as live where others may run beside it.

    Args:
        workspace: Whose metadata, artifacts and logs are used.
        run_id: Names the run in the metadata and its log file.
        reporter: Where the lines go.
        until: Nodes to run, with what they need; empty runs all.
        effects: Nodes that change something outside their artifacts: an earlier result of theirs is taken
            only while it is the newest.
        anew: Nodes whose earlier results are not taken.
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        run_id: str,
        reporter: Reporter,
        until: Collection[str] = (),
        effects: Collection[str] = (),
        anew: Collection[str] = (),
    ) -> None:
        super().__init__()
        self._workspace = workspace
        self._run_id = run_id
        self._reporter = reporter
        self._until = frozenset(until)
        self._effects = frozenset(effects)
        self._anew = frozenset(anew)

    def run_with_ir(
        self, pipeline: pipeline_pb2.Pipeline, run_options: pipeline_pb2.RunOptions | None = None
    ) -> None:
        """Launches every wanted node of a compiled pipeline.

        Raises:
            CommandError: A node failed; it names the node, the cause and the log.
            ValueError: `run_options` is given: `until` is the way to run a part.
        """
        if run_options is not None:
            raise ValueError("`run_options` must be None; use `until`.")
        nodes = NodeLauncher(
            pipeline, self._workspace, run_id=self._run_id, effects=self._effects, anew=self._anew
        )
        with nodes.connection() as store:
            if cut_short := recover(store, self._workspace):
                self._reporter.say(
                    f"An earlier run was cut short in {cut_short} node; what it finished is kept."
                )
        wanted = _with_ancestors(pipeline, self._until)
        for node in nodes.nodes:
            if node.node_info.id not in wanted:
                continue
            if is_importer(node):  # it does nothing worth a line
                self._launch(nodes, node)
                continue
            with self._reporter.telling(NEWS), self._reporter.step(node.node_info.id) as finish_as:
                finish_as(self._launch(nodes, node))

    def _launch(self, nodes: NodeLauncher, node: pipeline_pb2.PipelineNode) -> State:
        try:
            return nodes.launch(node)
        except Exception as error:  # whatever a component raises is this node's failure
            raise self._failure(node.node_info.id, error) from error

    def _failure(self, node: str, error: Exception) -> CommandError:
        log = self._workspace.log_of(self._run_id)
        return CommandError(
            f"{node} failed: {short_cause(error)}",
            f"The whole story is in {log}. What is done is kept: the same command goes on from {node}.",
        )


def short_cause(error: BaseException) -> str:
    """What a person needs of an exception: its message, and its type where that says more."""
    text = _BEAM_STAGE.sub("", str(error)).strip()
    lines = text.splitlines() or [""]
    if len(lines) > _CAUSE_LINES:
        lines = [*lines[:_CAUSE_LINES], f"… {len(lines) - _CAUSE_LINES} more lines"]
    text = "\n".join(lines)
    return text if isinstance(error, ValueError) and text else f"{type(error).__name__}: {text}".rstrip(": ")


def _with_ancestors(pipeline: pipeline_pb2.Pipeline, until: Collection[str]) -> frozenset[str]:
    """The nodes in `until` and all that they need; every node where `until` is empty."""
    needs = {n.pipeline_node.node_info.id: set(n.pipeline_node.upstream_nodes) for n in pipeline.nodes}
    if not until:
        return frozenset(needs)
    wanted: set[str] = set()
    pending = list(until)
    while pending:
        node = pending.pop()
        if node not in wanted:
            wanted.add(node)
            pending.extend(needs[node])
    return frozenset(wanted)
