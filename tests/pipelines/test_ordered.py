"""Artifacts and types by id, in the order of the ids, whatever the database."""

import pytest
from ml_metadata.proto import metadata_store_pb2

from pipelines.metadata import connection_config
from pipelines.ordered import OrderedMetadata, _Ordered
from pipelines.workspace import METADATA_URL, Workspace


class Backwards:
    """A store that answers each id once, in another order."""

    def get_artifacts_by_id(self, ids):
        return [metadata_store_pb2.Artifact(id=each) for each in sorted({*ids} - {5}, reverse=True)]

    def get_artifact_types_by_id(self, ids):
        return [metadata_store_pb2.ArtifactType(id=each) for each in sorted({*ids}, reverse=True)]

    def get_contexts(self):
        return ["context"]


def test_answers_come_in_the_order_of_the_ids():
    store = _Ordered(Backwards())
    assert [each.id for each in store.get_artifacts_by_id(iter([3, 5, 7, 2]))] == [3, 7, 2]
    assert [each.id for each in store.get_artifact_types_by_id([4, 9, 4])] == [4, 9, 4]
    assert store.get_contexts() == ["context"]


@pytest.mark.system
def test_what_postgres_wrote_last_does_not_come_last(url, tmp_path, monkeypatch):
    monkeypatch.setenv(METADATA_URL, url)
    handle = OrderedMetadata(connection_config(Workspace.at(tmp_path)))
    with handle as opened:
        kind = opened.store.put_artifact_type(metadata_store_pb2.ArtifactType(name="Kind"))
        made = [metadata_store_pb2.Artifact(type_id=kind, uri=f"/{each}") for each in range(3)]
        ids = opened.store.put_artifacts(made)
        [first, *_] = opened.store.get_artifacts_by_id(ids)
        first.uri = "/changed"
        opened.store.put_artifacts([first])
        assert [each.id for each in opened.store.get_artifacts_by_id(ids)] == ids
        assert [each.id for each in opened.store.get_artifact_types_by_id([kind, kind])] == [kind, kind]
