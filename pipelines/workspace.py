"""Where everything lies that the platform makes for one dataset."""

import dataclasses
import os
from pathlib import Path

from pipelines.errors import CallError

METADATA_URL = "ARBITER_METADATA"
"""The environment variable that names a database server for ML Metadata, in place of the SQLite file."""


@dataclasses.dataclass(frozen=True)
class Workspace:
    """The paths of a workspace. Making one touches no file."""

    root: Path

    @classmethod
    def at(cls, root: Path) -> "Workspace":
        """The workspace at `root`, absolute, so that cached artifacts do not depend on the current folder."""
        return cls(root.expanduser().absolute())

    @classmethod
    def existing(cls, root: Path) -> "Workspace":
        """As `at`. Raises `CallError` where nothing has run in `root`."""
        workspace = cls.at(root)
        if not workspace.begun:
            raise CallError(
                f"{root} is not a workspace: nothing has run in it.",
                f"Make one: arbiter run DATA --workspace {root}",
            )
        return workspace

    @classmethod
    def served(cls, root: Path) -> "Workspace":
        """As `existing`, for those who ask no metadata: which server has it need not be known."""
        workspace = cls.at(root)
        return workspace if workspace.serving.is_dir() else cls.existing(root)

    @property
    def begun(self) -> bool:
        """Whether anything has run in it."""
        return self.artifacts.is_dir() if os.environ.get(METADATA_URL) else self.metadata.is_file()

    @property
    def metadata(self) -> Path:
        """ML Metadata's SQLite file."""
        return self.root / "metadata" / "metadata.sqlite"

    @property
    def artifacts(self) -> Path:
        return self.root / "artifacts"

    @property
    def checkpoints(self) -> Path:
        """What trainings that were cut short have left for the next run; a folder for each node."""
        return self.root / "checkpoints"

    @property
    def plans(self) -> Path:
        """The graphs of runs whose nodes are processes of their own; a folder for each run."""
        return self.root / "plans"

    @property
    def serving(self) -> Path:
        return self.root / "serving"

    @property
    def router(self) -> Path:
        """What the router keeps: its store, and feedback."""
        return self.root / "router"

    @property
    def feedback(self) -> Path:
        """The journal of feedback, and what arms of rollouts did."""
        return self.router / "feedback"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def lock(self) -> Path:
        return self.root / ".lock"

    @property
    def turn(self) -> Path:
        """Held by the one update that is judged again."""
        return self.root / ".turn"

    @property
    def live(self) -> Path:
        """A file for each run that goes on, held locked by its process."""
        return self.root / ".live"

    def log_of(self, run_id: str) -> Path:
        """Where the log of one run goes."""
        return self.logs / f"run-{run_id}.log"
