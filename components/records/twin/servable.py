"""What the twins of all kinds of model have in common as servables."""

import abc
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Self

from components.records.servable import DEFAULT_SIGNATURE, INTERNAL, Servable, ServableError, Signature
from components.records.twin.signature import read_signature_defs

if TYPE_CHECKING:
    from components.records.serving_protos import meta_graph_pb2


class TwinServable(Servable):
    """Answers the SavedModel's `serving_default` from the files of the twin beside it.

    Args:
        folder: The version folder.
        signature: As the twin's description has it.
    """

    def __init__(self, folder: Path, signature: Signature) -> None:
        super().__init__(folder, {DEFAULT_SIGNATURE: signature})

    @classmethod
    def open(cls, version_dir: Path, *, warm_up: bool = True) -> Self:
        """Loads the twin in `version_dir`.

        Raises:
            ServableError: It is damaged.
        """
        try:
            twin = cls.read(version_dir)
            if warm_up:
                twin.warm_up()
        except Exception as error:  # whatever damaged files make the readers raise
            raise ServableError(INTERNAL, f"{type(error).__name__}: {error}") from error
        return twin

    @classmethod
    @abc.abstractmethod
    def read(cls, version_dir: Path) -> Self:
        """As `open`, with whatever damaged files make the readers raise, and without an answer."""

    @abc.abstractmethod
    def warm_up(self) -> None:
        """Answers once, so that the files are read."""

    @cached_property
    def signature_defs(self) -> "Mapping[str, meta_graph_pb2.SignatureDef]":
        return read_signature_defs(self.folder)
