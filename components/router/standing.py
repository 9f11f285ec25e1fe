"""The rollout that stands in a serving folder, followed as `rollout.json` changes."""

import logging
import os
from collections.abc import Mapping
from pathlib import Path

from components.records.rollout import ROLLOUT, Rollout, read_rollout

_log = logging.getLogger("arbiter.router")


class StandingRollout:
    """Reads the file again when it was replaced.

    Args:
        serving_dir: Holds it, where there is a rollout.
    """

    def __init__(self, serving_dir: Path) -> None:
        self._serving_dir = serving_dir
        self._read: tuple[tuple[int, int] | None, Rollout | None] = (None, None)

    def beside(self, stable: Mapping[str, int]) -> Rollout | None:
        """The open rollout; None where there is none, or where it does not stand beside these versions."""
        rollout = self._newest()
        return rollout if rollout is not None and rollout.stands(stable) else None

    def _newest(self) -> Rollout | None:
        try:
            status = os.stat(self._serving_dir / ROLLOUT)
        except FileNotFoundError:
            return None
        seen = (status.st_ino, status.st_mtime_ns)
        known, rollout = self._read
        if seen != known:
            try:
                rollout = read_rollout(self._serving_dir)
            except ValueError as error:  # nobody gets the candidates
                _log.error("no rollout: %s", error)
                rollout = None
            self._read = seen, rollout
        return rollout
