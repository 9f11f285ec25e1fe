"""Whether the result of a node that changes the world outside its artifacts still stands."""

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration.metadata import Metadata
from tfx.orchestration.portable import inputs_utils
from tfx.proto.orchestration import pipeline_pb2

_PUBLISHED = (metadata_store_pb2.Execution.COMPLETE, metadata_store_pb2.Execution.CACHED)


def newest_result_is_for(node: pipeline_pb2.PipelineNode, metadata: Metadata) -> bool:
    """Whether the node's newest result came from the inputs that it has in this run.

    A cached push may be older than the newest one: model A pushed, then B, then A's configuration again. TFX
    would take A's push from the cache and leave B in service.
    """
    [inputs] = inputs_utils.resolve_input_artifacts(pipeline_node=node, metadata_handle=metadata)
    wanted = {artifact.id for artifacts in inputs.values() for artifact in artifacts}
    executions = [
        execution
        for context in metadata.store.get_contexts_by_type("node")
        if context.name.endswith(f".{node.node_info.id}")
        for execution in metadata.store.get_executions_by_context(context.id)
        if execution.last_known_state in _PUBLISHED
    ]
    if not executions:
        return False
    newest = max(executions, key=lambda execution: execution.id)
    events = metadata.store.get_events_by_execution_ids([newest.id])
    return wanted == {e.artifact_id for e in events if e.type == metadata_store_pb2.Event.INPUT}
