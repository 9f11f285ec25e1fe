"""What a workspace holds: its last run, its last verdict, what is served."""

from collections.abc import Sequence
from pathlib import Path

import msgspec

from components.push.push_log import forced_pushes
from components.records.hyprank.rank import HYPRANK
from components.records.model_names import brief_names
from components.records.models_config import MODELS_CONFIG, STABLE, ModelConfig, read_models_config
from components.records.reliability import WeightsInWords, in_words
from components.records.rollout import Rollout, read_rollout
from components.records.shortlister_signature import SHORTLISTER
from components.records.verdict import ModelVerdict, Verdict, read_verdict
from components.records.version_folder import read_manifest, versions
from pipelines.history import History, NodeRun
from pipelines.nodes import EVALUATOR
from pipelines.workspace import Workspace


class Model(msgspec.Struct, frozen=True):
    """A model in the serving folder.

    Attributes:
        on_disk: Complete versions.
        served: Versions that `models.config` lists.
        labels: Names for versions, such as stable.
        domain: Of a domain's model whose stable version is there.
        reranker: Its re-ranker, if it has one.
        forced: Why the stable version was pushed whatever the gate decided; None: it was not.
    """

    name: str
    on_disk: tuple[int, ...]
    served: tuple[int, ...]
    labels: dict[str, int]
    domain: str | None = None
    reranker: WeightsInWords | None = None
    forced: str | None = None


class LastVerdict(msgspec.Struct, frozen=True):
    """What the Evaluator last decided.

    Attributes:
        blessed: Whether every candidate may be pushed.
        words: In a few sentences.
        models: The same of each candidate.
        forced: Why they were pushed all the same; None: they were not.
    """

    blessed: bool
    words: str
    models: tuple[ModelVerdict, ...] = ()
    forced: str | None = None

    @property
    def refused(self) -> bool:
        """Whether nothing may be pushed."""
        return not (self.blessed or self.forced or any(model.blessed for model in self.models))


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """A workspace at a glance.

    Attributes:
        run_id: The start of the last run in UTC.
        rollout: What live traffic tries, or tried last.
    """

    workspace: str
    run_id: str | None
    nodes: tuple[NodeRun, ...]
    verdict: LastVerdict | None
    models: tuple[Model, ...]
    rollout: Rollout | None = None


def status(workspace: Workspace) -> Status:
    """Reads metadata, verdict and serving folder; changes nothing."""
    history = History(workspace)
    last = history.last_run()
    folder = history.newest_output(EVALUATOR, "verdict")
    decided = None if folder is None else _in_brief(read_verdict(Path(folder)))
    return Status(
        workspace=str(workspace.root),
        run_id=None if last is None else last.run_id,
        nodes=() if last is None else last.nodes,
        verdict=decided,
        models=served_models(workspace),
        rollout=read_rollout(workspace.serving),
    )


def _in_brief(verdict: Verdict) -> LastVerdict:
    return LastVerdict(verdict.blessed, verdict.words, verdict.models, verdict.forced)


def served_models(workspace: Workspace) -> tuple[Model, ...]:
    """Every model of `models.config`; of a domain's, the weights of the re-ranker in service."""
    forced = forced_pushes(workspace.serving)
    return tuple(
        _model(config, forced.get((config.name, config.labels.get(STABLE, 0))))
        for config in read_models_config(workspace.serving / MODELS_CONFIG)
    )


def _model(config: ModelConfig, forced: str | None) -> Model:
    base = Path(config.base_path)
    found = Model(config.name, tuple(versions(base)), config.versions, config.labels, forced=forced)
    stable = config.labels.get(STABLE)
    if config.name in (SHORTLISTER, HYPRANK) or stable not in found.on_disk:
        return found
    manifest = read_manifest(base / str(stable))
    return msgspec.structs.replace(
        found,
        domain=manifest.domains[0],
        reranker=None if manifest.reranker is None else in_words(manifest.reranker),
    )


def stable_in_words(models: Sequence[Model]) -> str:
    """The models in service and their versions in brief; several domains' as their number.

    >>> stable_in_words([Model("shortlister", (1, 2), (2,), {"stable": 2})])
    'shortlister, version 2'
    """
    stable = {model.name: model.labels[STABLE] for model in models if STABLE in model.labels}
    return "; ".join(
        f"{name}, version {stable[name]}" if name in stable else name for name in brief_names(stable)
    )
