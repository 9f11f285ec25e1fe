"""Clears up after a run that was killed."""

import logging
import shutil
from pathlib import Path

from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration.metadata import Metadata

_Execution = metadata_store_pb2.Execution
_OPEN = (_Execution.NEW, _Execution.RUNNING)
_PUBLISHED = (_Execution.COMPLETE, _Execution.CACHED)

_log = logging.getLogger(__name__)


def recover(metadata: Metadata, artifacts: Path) -> int:
    """Marks executions that nobody runs any more as failed, and removes what no execution published.

    The caller holds the workspace's lock: every execution still open in the metadata was cut short.

    Returns:
        How many executions were cut short.
    """
    executions = metadata.store.get_executions()
    cut_short = [execution for execution in executions if execution.last_known_state in _OPEN]
    for execution in cut_short:
        _log.warning("execution %d was cut short; it counts as failed", execution.id)
        execution.last_known_state = _Execution.FAILED
    if cut_short:
        metadata.store.put_executions(cut_short)
    published = {str(execution.id) for execution in executions if execution.last_known_state in _PUBLISHED}
    for folder in _output_folders(artifacts):
        if folder.name not in published:
            _log.warning("removing %s: no execution published it", folder)
            shutil.rmtree(folder)
    for scratch in artifacts.glob("*/.system/stateful_working_dir"):
        shutil.rmtree(scratch)
    return len(cut_short)


def _output_folders(artifacts: Path) -> list[Path]:
    """TFX lays them out as `<node>/<output>/<execution id>`, with scratch folders below `.system`."""
    outputs = [path for path in artifacts.glob("*/*/*") if path.parent.name != ".system"]
    return [path for path in (*outputs, *artifacts.glob("*/.system/*/*")) if path.name.isdecimal()]
