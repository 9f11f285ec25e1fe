"""Runs the graph on this machine, node after node, with SQLite metadata."""

import re
from collections.abc import Collection

from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import constants
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration import metadata
from tfx.orchestration.local import runner_utils
from tfx.orchestration.local.local_dag_runner import LocalDagRunner
from tfx.orchestration.portable import launcher, runtime_parameter_utils
from tfx.proto.orchestration import pipeline_pb2

from components.records.news import NEWS
from pipelines.effects import newest_result_is_for
from pipelines.errors import CommandError
from pipelines.progress import Reporter, State
from pipelines.recover import recover
from pipelines.workspace import Workspace

_STATES: dict[int, State] = {
    metadata_store_pb2.Execution.COMPLETE: "done",
    metadata_store_pb2.Execution.CACHED: "cached",
}
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
        runtime_parameter_utils.substitute_runtime_parameter(
            pipeline, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: self._run_id}
        )
        deployment = runner_utils.extract_local_deployment_config(pipeline)
        config = deployment.metadata_connection_config
        connection = getattr(config, config.WhichOneof("connection_config"))
        with metadata.Metadata(connection) as store:
            if cut_short := recover(store, self._workspace):
                self._reporter.say(
                    f"An earlier run was cut short in {cut_short} node; what it finished is kept."
                )
        wanted = _with_ancestors(pipeline, self._until)
        for node in (n.pipeline_node for n in pipeline.nodes):
            if node.node_info.id not in wanted:
                continue
            if node.node_info.type.name == Importer.get_class_type():  # it does nothing worth a line
                self._launch(node, pipeline, deployment, metadata.Metadata(connection))
                continue
            with self._reporter.telling(NEWS), self._reporter.step(node.node_info.id) as finish_as:
                finish_as(self._launch(node, pipeline, deployment, metadata.Metadata(connection)))

    def _launch(
        self,
        node: pipeline_pb2.PipelineNode,
        pipeline: pipeline_pb2.Pipeline,
        deployment: object,
        connection: metadata.Metadata,
    ) -> State:
        name = node.node_info.id
        try:
            self._forget_earlier_result(node, connection)
            info = launcher.Launcher(
                pipeline_node=node,
                mlmd_connection=connection,
                pipeline_info=pipeline.pipeline_info,
                pipeline_runtime_spec=pipeline.runtime_spec,
                executor_spec=runner_utils.extract_executor_spec(deployment, name),
                custom_driver_spec=runner_utils.extract_custom_driver_spec(deployment, name),
            ).launch()
        except Exception as error:  # whatever a component raises is this node's failure
            raise self._failure(name, error) from error
        with connection as store:
            [execution] = store.store.get_executions_by_id([info.execution_id])
        state = _STATES.get(execution.last_known_state)
        if state is None:  # TFX logs an input that cannot be resolved and goes on
            raise self._failure(name, RuntimeError("its inputs could not be resolved"))
        return state

    def _forget_earlier_result(self, node: pipeline_pb2.PipelineNode, connection: metadata.Metadata) -> None:
        name = node.node_info.id
        stale = name in self._anew
        if name in self._effects and not stale:
            with connection as store:
                stale = not newest_result_is_for(node, store)
        if stale:
            node.execution_options.caching_options.enable_cache = False

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
