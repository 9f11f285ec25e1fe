"""Where answers of models come from: the one interface behind which batch, in-process and remote hide."""

import abc
import threading
from collections.abc import Container, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from components.records.array import Array
from components.records.domain_signature import domain_model
from components.records.manifest import Manifest
from components.records.named import NameRule
from components.records.servable import DEFAULT_SIGNATURE, Servable


class NotInServiceError(ValueError):
    """A model that is not in service, or not any more."""


class Release:
    """A version of a model and what its `arbiter.json` says.

    Args:
        model: Name under which it is served.
        version: Its number; 0 for a folder that is not installed yet.
        manifest: Its `arbiter.json`.
        words: That its training has shown; None: nobody knows.
    """

    def __init__(
        self, model: str, version: int, manifest: Manifest, words: Container[str] | None = None
    ) -> None:
        self.model = model
        self.version = version
        self.manifest = manifest
        self.words = words

    @cached_property
    def domains(self) -> Mapping[str, str]:
        """Skill id to domain."""
        return dict(zip(self.manifest.skill_ids, self.manifest.domains, strict=True))

    @cached_property
    def domain_models(self) -> tuple[str, ...]:
        """The name that the model of each of the domains is served by, where there is one."""
        return tuple(domain_model(domain) for domain in dict.fromkeys(self.manifest.domains))

    @cached_property
    def name_rule(self) -> NameRule:
        """Which skill a request names outright."""
        return NameRule(self.manifest)


class Answer(NamedTuple):
    """What one version of a model said."""

    outputs: dict[str, Array]
    release: Release


class Models(Protocol):
    """Models by name. One call is answered by one version; the answer says which."""

    def run(self, model: str, inputs: Mapping[str, Array]) -> Answer:
        """The model's default signature on a batch. May raise `NotInServiceError`."""
        ...

    def current(self, model: str) -> Release:
        """The version that would answer now, as far as is known before it is asked."""
        ...

    def serves(self, model: str) -> bool:
        """Whether the model is there to be asked."""
        ...


class SeveralModels(abc.ABC):
    """Models that are asked several at once, and of which some may fail to answer."""

    @abc.abstractmethod
    def run(self, model: str, inputs: Mapping[str, Array]) -> Answer:
        """As `Models`."""

    @abc.abstractmethod
    def current(self, model: str) -> Release:
        """As `Models`."""

    @abc.abstractmethod
    def serves(self, model: str) -> bool:
        """As `Models`."""

    @abc.abstractmethod
    def run_all(self, asked: Mapping[str, Mapping[str, Array]]) -> dict[str, Answer]:
        """What those of the models say that answer; see `run_all`."""


def run_all(models: Models, asked: Mapping[str, Mapping[str, Array]]) -> dict[str, Answer]:
    """The answers of several models by name; of those that are there.

    `SeveralModels` decide for themselves what to do with a model that fails; of others it raises.

    Args:
        asked: The inputs of each model.
    """
    if isinstance(models, SeveralModels):
        return models.run_all(asked)
    answers = {}
    for model, inputs in asked.items():
        if models.serves(model):
            with suppress(NotInServiceError):  # it left between two looks
                answers[model] = models.run(model, inputs)
    return answers


class FolderModels:
    """Version folders, such as candidates that are not pushed yet.

    Args:
        folders: Version folders by the name that they are served by; each is loaded when first asked.
    """

    def __init__(self, folders: Mapping[str, Path]) -> None:
        self._folders = dict(folders)
        self._loading = threading.Lock()
        self._loaded: dict[str, tuple[Servable, Release]] = {}

    def run(self, model: str, inputs: Mapping[str, Array]) -> Answer:
        """Raises `ValueError` for a model that has no folder, else as `Servable.load` and `predict` do."""
        servable, release = self._model(model)
        return Answer(servable.predict(DEFAULT_SIGNATURE, inputs), release)

    def current(self, model: str) -> Release:
        """Raises as `run` does."""
        return self._model(model)[1]

    def serves(self, model: str) -> bool:
        return model in self._folders

    def _model(self, model: str) -> tuple[Servable, Release]:
        if model not in self._folders:
            raise ValueError(f"`model` must be one of {', '.join(self._folders)}. Received: {model!r}")
        with self._loading:
            if model not in self._loaded:
                servable = Servable.load(self._folders[model])
                self._loaded[model] = (servable, Release(model, 0, servable.manifest))
            return self._loaded[model]
