"""What a run may go on from, where its dataset grew: the ingest before, and the models in service."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from components.push.serving_folder import stable_versions
from components.records.artifact_files import version_folder_in
from components.records.hyprank.rank import HYPRANK as SERVED_HYPRANK
from components.records.shortlister_signature import SHORTLISTER as SERVED
from components.records.version_folder import folder_hash
from pipelines.errors import CommandError
from pipelines.history import History, Made
from pipelines.in_service import in_service
from pipelines.nodes import DOMAINS, HYPRANK, INGEST, LABEL, RERANKERS, SHORTLISTER
from pipelines.workspace import Workspace


class EarlierIngest(NamedTuple):
    """The folders of what an earlier ingest left."""

    examples: str
    state: str


class ParentModel(NamedTuple):
    """The folders of a Shortlister or HypRank, of what its training left, and of what it learnt from."""

    model: str
    model_run: str
    examples: str


class ParentDomains(NamedTuple):
    """The folders of domain models, of what their training left, and of what they learnt from; and JSON of
    the names of those that are in service."""

    models: str
    runs: str
    examples: str
    names: str

    @property
    def folders(self) -> dict[str, str]:
        return {"models": self.models, "runs": self.runs, "examples": self.examples}


def earlier_ingest(workspace: Workspace, fingerprint: str) -> EarlierIngest | None:
    """The newest ingest, unless this very content was ingested before: then what that one went on from, so
    that its result is found again.

    Args:
        fingerprint: Of the dataset's content.
    """
    if not workspace.begun:
        return None
    ingested = list(History(workspace).every(INGEST))
    same = next((made for made in ingested if _fingerprint(made) == fingerprint), None)
    if same is not None:
        folders = (same.inputs.get("earlier_examples"), same.inputs.get("earlier_state"))
    elif ingested:
        folders = (ingested[0].outputs.get("examples"), ingested[0].outputs.get("state"))
    else:
        folders = (None, None)
    examples, state = folders
    return None if examples is None or state is None else EarlierIngest(examples, state)


def parent_model(workspace: Workspace, fingerprint: str) -> ParentModel | None:
    """The Shortlister in service, unless one has learnt from this very content before: then what that
    training went on from, so that its result is found again. None too where what is in service came from
    elsewhere.

    Args:
        fingerprint: Of the dataset's content.
    """
    if not workspace.begun:
        return None
    history = History(workspace)
    trainings = history.every(SHORTLISTER)
    same = next((made for made in trainings if _learnt_from(history, made) == fingerprint), None)
    if same is not None:
        return _parent_of(same)
    if SERVED not in stable_versions(workspace.serving):
        return None
    try:
        now = in_service(workspace, SERVED)
    except CommandError:
        return None
    return ParentModel(now.model, now.model_run, now.examples)


def parent_hyprank(workspace: Workspace, fingerprint: str) -> ParentModel | None:
    """The HypRank in service, as `parent_model` does it; None too where its skills have changed since.

    Args:
        fingerprint: Of the dataset's content.
    """
    if not workspace.begun:
        return None
    history = History(workspace)
    trainings = [made for made in history.every(HYPRANK) if "examples" in made.inputs]
    same = next((made for made in trainings if _learnt_from(history, made) == fingerprint), None)
    if same is not None:
        return _parent_of(same)
    wanted = _served(workspace).get(SERVED_HYPRANK)
    for made in trainings:
        folder = version_folder_in(Path(made.outputs["model"]))
        if folder.is_dir() and folder_hash(folder) == wanted:
            return ParentModel(made.outputs["model"], made.outputs["model_run"], made.inputs["examples"])
    return None


def parent_domains(workspace: Workspace, fingerprint: str) -> ParentDomains | None:
    """The newest training of all domains of which models are in service, as `parent_model` does it; a domain
    whose model in service is of another training, or has changed since, is not among its names.

    Args:
        fingerprint: Of the dataset's content.
    """
    if not workspace.begun:
        return None
    history = History(workspace)
    trainings = [made for made in history.every(DOMAINS) if made.parameters.get("domains") == "[]"]
    same = next((made for made in trainings if _learnt_from(history, made) == fingerprint), None)
    if same is not None:
        models, runs, examples = (
            same.inputs.get(f"parent_{name}") for name in ("models", "runs", "examples")
        )
        if models is None or runs is None or examples is None:
            return None
        return ParentDomains(models, runs, examples, same.parameters["parent_domains"])
    served = _served(workspace)
    reranked = list(history.every(RERANKERS))
    for made in trainings:
        models = made.outputs["models"]
        pushed = [Path(each.outputs["models"]) for each in reranked if each.inputs["domain_models"] == models]
        there = [model for model, known in served.items() if known in _hashes(model, pushed)]
        if there:
            names = json.dumps(sorted(there))
            return ParentDomains(models, made.outputs["runs"], made.inputs["examples"], names)
    return None


def _parent_of(trained: Made) -> ParentModel | None:
    """What a training went on from."""
    folders = [trained.inputs.get(f"parent_{name}") for name in ParentModel._fields]
    there = [folder for folder in folders if folder is not None]
    return ParentModel(*there) if len(there) == len(folders) else None


def _served(workspace: Workspace) -> dict[str, str]:
    """Of every model in service the hash of its files."""
    return {
        model: folder_hash(folder)
        for model, version in stable_versions(workspace.serving).items()
        if (folder := workspace.serving / model / str(version)).is_dir()
    }


def _hashes(model: str, folders: Iterable[Path]) -> set[str]:
    """Of the versions of a model that these folders of models hold."""
    return {folder_hash(folder / model) for folder in folders if (folder / model).is_dir()}


def _learnt_from(history: History, trained: Made) -> str | None:
    """The fingerprint of the dataset that a training read."""
    labelled = history.made(LABEL, trained.inputs["examples"])
    ingested = None if labelled is None else history.made(INGEST, labelled.inputs["examples"])
    return None if ingested is None else _fingerprint(ingested)


def _fingerprint(ingested: Made) -> str | None:
    return ingested.parameters.get("data_fingerprint")
