"""Launches nodes of a compiled graph in this process; other nodes may run in other processes meanwhile."""

from collections.abc import Collection

from ml_metadata import errors
from ml_metadata.proto import metadata_store_pb2
from tfx.dsl.compiler import constants
from tfx.dsl.components.common.importer import Importer
from tfx.orchestration import metadata
from tfx.orchestration.local import runner_utils
from tfx.orchestration.portable import launcher, runtime_parameter_utils
from tfx.proto.orchestration import pipeline_pb2

from pipelines.effects import newest_result_is_for
from pipelines.metadata import connection_config
from pipelines.ordered import OrderedMetadata
from pipelines.progress import State
from pipelines.workspace import Workspace

_STATES: dict[int, State] = {
    metadata_store_pb2.Execution.COMPLETE: "done",
    metadata_store_pb2.Execution.CACHED: "cached",
}


class NodeLauncher:
    """The nodes of one run.

    Args:
        pipeline: The compiled graph; it takes the run's id.
        workspace: Whose metadata is used.
        run_id: Names the run in the metadata.
        effects: Nodes that change something outside their artifacts: an earlier result of theirs is taken
            only while it is the newest.
        anew: Nodes whose earlier results are not taken.
    """

    def __init__(
        self,
        pipeline: pipeline_pb2.Pipeline,
        workspace: Workspace,
        *,
        run_id: str,
        effects: Collection[str] = (),
        anew: Collection[str] = (),
    ) -> None:
        runtime_parameter_utils.substitute_runtime_parameter(
            pipeline, {constants.PIPELINE_RUN_ID_PARAMETER_NAME: run_id}
        )
        self._pipeline = pipeline
        self._deployment = runner_utils.extract_local_deployment_config(pipeline)
        self._connection = connection_config(workspace)
        self._effects = frozenset(effects)
        self._anew = frozenset(anew)

    @property
    def nodes(self) -> list[pipeline_pb2.PipelineNode]:
        """In the order in which they may run."""
        return [node.pipeline_node for node in self._pipeline.nodes]

    @property
    def names(self) -> list[str]:
        """Of the nodes."""
        return [node.node_info.id for node in self.nodes]

    @property
    def importers(self) -> list[pipeline_pb2.PipelineNode]:
        """Those that bring in what earlier runs made; they need no other node."""
        return [node for node in self.nodes if is_importer(node)]

    def connection(self) -> metadata.Metadata:
        """A connection of its own."""
        return OrderedMetadata(self._connection)

    def launch(self, node: pipeline_pb2.PipelineNode) -> State:
        """Runs a node, whose inputs are there, or takes its earlier result.

        Raises:
            Exception: Whatever its component raised.
            RuntimeError: Its inputs could not be resolved.
        """
        name = node.node_info.id
        connection = self.connection()
        self._forget_earlier_result(node, connection)
        launched = launcher.Launcher(
            pipeline_node=node,
            mlmd_connection=connection,
            pipeline_info=self._pipeline.pipeline_info,
            pipeline_runtime_spec=self._pipeline.runtime_spec,
            executor_spec=runner_utils.extract_executor_spec(self._deployment, name),
            custom_driver_spec=runner_utils.extract_custom_driver_spec(self._deployment, name),
        )
        try:
            info = launched.launch()
        except errors.StatusError as error:
            # The failure itself, where it could not be noted: on PostgreSQL the library refuses backslashes.
            raise error.__context__ or error from None
        with connection as store:
            [execution] = store.store.get_executions_by_id([info.execution_id])
        state = _STATES.get(execution.last_known_state)
        if state is None:  # TFX logs an input that cannot be resolved and goes on
            raise RuntimeError("its inputs could not be resolved")
        return state

    def _forget_earlier_result(self, node: pipeline_pb2.PipelineNode, connection: metadata.Metadata) -> None:
        name = node.node_info.id
        stale = name in self._anew
        if name in self._effects and not stale:
            with connection as store:
                stale = not newest_result_is_for(node, store)
        if stale:
            node.execution_options.caching_options.enable_cache = False


def is_importer(node: pipeline_pb2.PipelineNode) -> bool:
    """Whether the node brings in what an earlier run made, and does nothing else."""
    return bool(node.node_info.type.name == Importer.get_class_type())
