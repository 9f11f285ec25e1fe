"""TFX's handle to ML Metadata, with answers in the order of what was asked for.

TFX takes what it finds by ids to be in the ids' order (`cache_utils._get_outputs_of_execution` gives outputs
their names so). SQLite answers in that order, PostgreSQL in the order in which rows were written last: a
cached node would come with the names of its outputs exchanged.
"""

from collections.abc import Iterable
from typing import Any, cast

from ml_metadata.metadata_store import metadata_store
from ml_metadata.proto import metadata_store_pb2
from tfx.orchestration import metadata


class OrderedMetadata(metadata.Metadata):
    """As TFX's, on any database."""

    @property
    def store(self) -> metadata_store.MetadataStore:
        return cast(metadata_store.MetadataStore, _Ordered(super().store))


class _Ordered:
    """A store; what it has more than this it has from the one that it stands for."""

    def __init__(self, store: metadata_store.MetadataStore) -> None:
        self._store = store

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def get_artifacts_by_id(self, ids: Iterable[int]) -> list[metadata_store_pb2.Artifact]:
        """One for each id that is known, in the ids' order."""
        wanted = list(ids)
        return _in_order(wanted, self._store.get_artifacts_by_id(wanted))

    def get_artifact_types_by_id(self, ids: Iterable[int]) -> list[metadata_store_pb2.ArtifactType]:
        """One for each id that is known, in the ids' order; one that is asked for twice comes twice."""
        wanted = list(ids)
        return _in_order(wanted, self._store.get_artifact_types_by_id(wanted))


def _in_order(ids: Iterable[int], found: Iterable[Any]) -> list[Any]:
    by_id = {each.id: each for each in found}
    return [by_id[each] for each in ids if each in by_id]
