"""What a workspace holds: its last run, its last verdict, what is served."""

from pathlib import Path

import msgspec

from components.evaluate.verdict import read_verdict
from components.records.models_config import MODELS_CONFIG, read_models_config
from components.records.version_folder import versions
from pipelines.history import History, NodeRun
from pipelines.nodes import EVALUATOR
from pipelines.workspace import Workspace


class Model(msgspec.Struct, frozen=True):
    """A model in the serving folder.

    Attributes:
        on_disk: Complete versions.
        served: Versions that `models.config` lists.
        labels: Names for versions, such as stable.
    """

    name: str
    on_disk: tuple[int, ...]
    served: tuple[int, ...]
    labels: dict[str, int]


class LastVerdict(msgspec.Struct, frozen=True):
    """What the Evaluator last decided."""

    blessed: bool
    words: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace at a glance; `run_id` is the start of the last run in UTC."""

    workspace: str
    run_id: str | None
    nodes: tuple[NodeRun, ...]
    verdict: LastVerdict | None
    models: tuple[Model, ...]


def status(workspace: Workspace) -> Status:
    """Reads metadata, verdict and serving folder; changes nothing."""
    history = History(workspace)
    last = history.last_run()
    folder = history.newest_output(EVALUATOR, "verdict")
    decided = None if folder is None else read_verdict(Path(folder))
    return Status(
        workspace=str(workspace.root),
        run_id=None if last is None else last.run_id,
        nodes=() if last is None else last.nodes,
        verdict=None if decided is None else LastVerdict(decided.blessed, decided.words),
        models=served_models(workspace),
    )


def served_models(workspace: Workspace) -> tuple[Model, ...]:
    """Every model of `models.config`."""
    return tuple(
        Model(config.name, tuple(versions(Path(config.base_path))), config.versions, config.labels)
        for config in read_models_config(workspace.serving / MODELS_CONFIG)
    )
