"""Clears up after runs that were killed, beside those that go on."""

import logging
import shutil
from pathlib import Path

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration.metadata import Metadata

from pipelines.live import no_run_starts
from pipelines.workspace import Workspace

_Execution = metadata_store_pb2.Execution
_OPEN = (_Execution.NEW, _Execution.RUNNING)
_PUBLISHED = (_Execution.COMPLETE, _Execution.CACHED)
_SCRATCH_OF = "__stateful_working_dir_index__"
"""The custom property in which TFX notes the name of an execution's scratch folder."""

_log = logging.getLogger(__name__)


def recover(metadata: Metadata, workspace: Workspace) -> int:
    """Marks executions that nobody runs any more as failed, and removes what no execution published.

    What belongs to a live run is left alone, whichever process it is of.

    Returns:
        How many executions were cut short.
    """
    with no_run_starts(workspace) as live:
        # Before the executions are read: whoever makes a folder has registered its execution.
        outputs, scratch = _output_folders(workspace.artifacts), _scratch_folders(workspace.artifacts)
        executions = metadata.store.get_executions()
        running = {execution.id for run in live for execution in _executions_of(metadata, run)}
    mine = [execution for execution in executions if execution.id not in running]
    cut_short = [execution for execution in mine if execution.last_known_state in _OPEN]
    for execution in cut_short:
        _log.warning("execution %d was cut short; it counts as failed", execution.id)
        execution.last_known_state = _Execution.FAILED
    if cut_short:
        metadata.store.put_executions(cut_short)
    kept = {str(e.id) for e in executions if e.last_known_state in _PUBLISHED or e.id in running}
    for folder in outputs:
        if folder.name not in kept:
            _log.warning("removing %s: no execution published it", folder)
            shutil.rmtree(folder, ignore_errors=True)  # another run may be at it too
    in_use = {e.custom_properties[_SCRATCH_OF].string_value for e in executions if e.id in running}
    for folder in scratch:
        if folder.name not in in_use:
            shutil.rmtree(folder, ignore_errors=True)
    return len(cut_short)


def recover_node(metadata: Metadata, workspace: Workspace, run_id: str, node: str) -> None:
    """The same for what one node of a run left that was killed; the caller runs it anew."""
    cut_short = [
        execution
        for execution in _executions_of(metadata, run_id)
        if execution.last_known_state in _OPEN and _is_of(metadata, execution, node)
    ]
    for execution in cut_short:
        _log.warning("execution %d of %s was cut short; it counts as failed", execution.id, node)
        execution.last_known_state = _Execution.FAILED
        for folder in workspace.artifacts.glob(f"{node}/*/{execution.id}"):
            shutil.rmtree(folder)
    if cut_short:
        metadata.store.put_executions(cut_short)


def _is_of(metadata: Metadata, execution: metadata_store_pb2.Execution, node: str) -> bool:
    contexts = metadata.store.get_contexts_by_execution(execution.id)
    return any(each.type == "node" and each.name.endswith(f".{node}") for each in contexts)


def _executions_of(metadata: Metadata, run_id: str) -> list[metadata_store_pb2.Execution]:
    context = metadata.store.get_context_by_type_and_name("pipeline_run", run_id)
    return [] if context is None else list(metadata.store.get_executions_by_context(context.id))


def _output_folders(artifacts: Path) -> list[Path]:
    """TFX lays them out as `<node>/<output>/<execution id>`, with scratch folders below `.system`."""
    outputs = [path for path in artifacts.glob("*/*/*") if path.parent.name != ".system"]
    return [path for path in (*outputs, *artifacts.glob("*/.system/*/*")) if path.name.isdecimal()]


def _scratch_folders(artifacts: Path) -> list[Path]:
    return list(artifacts.glob("*/.system/stateful_working_dir/*"))
