"""What every run of a graph has: an id, a log that takes all that libraries print, errors for a person."""

import gc
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from pipelines.errors import CommandError
from pipelines.live import announced
from pipelines.logs import captured
from pipelines.progress import Reporter
from pipelines.workspace import Workspace

_log = logging.getLogger(__name__)


@contextmanager
def logged_run(workspace: Workspace, what: str, *, quiet: bool = False) -> Iterator[tuple[str, Reporter]]:
    """Yields the run's id, its start in UTC, and what prints its lines. Others see that it is live meanwhile.

    The caller holds the workspace's lock.

    Args:
        workspace: Its logs get the run's.
        what: The run in words, for an error.
        quiet: Lines go to the log instead of standard output.

    Raises:
        CommandError: The block raised it, or anything else: one readable sentence; the log has the traceback.
    """
    with announced(workspace) as run_id, captured(log := workspace.log_of(run_id)) as terminal:
        try:
            yield run_id, Reporter(sys.stdout if quiet else terminal)  # standard output is the log meanwhile
        except CommandError:
            _log.exception("%s failed", what)
            raise
        except Exception as error:
            _log.exception("%s failed", what)
            raise CommandError(
                f"{what} failed: {type(error).__name__}: {error}", f"The whole story is in {log}."
            ) from error
        finally:
            gc.collect()  # TensorFlow's sessions complain when they are dropped at the very end
