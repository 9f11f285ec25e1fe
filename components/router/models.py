"""Where answers of models come from: the one interface behind which batch, in-process and remote hide."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import NamedTuple, Protocol

from components.records.array import Array
from components.records.manifest import Manifest
from components.records.named import NameRule
from components.records.servable import DEFAULT_SIGNATURE, Servable


class Release:
    """A version of a model and what its `arbiter.json` says.

    Args:
        model: Name under which it is served.
        version: Its number; 0 for a folder that is not installed yet.
        manifest: Its `arbiter.json`.
    """

    def __init__(self, model: str, version: int, manifest: Manifest) -> None:
        self.model = model
        self.version = version
        self.manifest = manifest

    @cached_property
    def domains(self) -> Mapping[str, str]:
        """Skill id to domain."""
        return dict(zip(self.manifest.skill_ids, self.manifest.domains, strict=True))

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
        """The model's default signature on a batch."""
        ...

    def current(self, model: str) -> Release:
        """The version that would answer now, as far as is known before it is asked."""
        ...


class FolderModels:
    """A single version folder under the name of its kind, such as a candidate that is not pushed yet.

    Args:
        version_dir: Loaded at once. Raises as `Servable.load` and `read_manifest` do.
    """

    def __init__(self, version_dir: Path) -> None:
        self._servable = Servable.load(version_dir)
        manifest = self._servable.manifest
        self._release = Release(manifest.kind, 0, manifest)

    def run(self, model: str, inputs: Mapping[str, Array]) -> Answer:
        """Raises `ValueError` for any other model."""
        release = self.current(model)
        return Answer(self._servable.predict(DEFAULT_SIGNATURE, inputs), release)

    def current(self, model: str) -> Release:
        """Raises `ValueError` for any other model."""
        if model != self._release.model:
            raise ValueError(
                f"`model` must be {self._release.model!r}, the folder's kind. Received: {model!r}"
            )
        return self._release
