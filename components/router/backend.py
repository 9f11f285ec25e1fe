"""Chooses between the two ways to run a workspace's models."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from components.router.models import Models
from components.router.remote import RemoteModels
from components.router.workspace import WorkspaceModels

SERVING = "serving"


@contextmanager
def workspace_models(work: Path, server: str | None) -> Iterator[Models]:
    """The models of `work`: on the server at `server` where one is given, else in this process."""
    serving_dir = work / SERVING
    if server is None:
        yield WorkspaceModels(serving_dir)
        return
    with RemoteModels(server, serving_dir) as models:
        yield models
