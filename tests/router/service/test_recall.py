"""Routed requests wait for a store that does not answer."""

from datetime import UTC, datetime

import pytest

from components.records.request import Request
from components.router.service import recall as module
from components.router.service.recall import Recall
from components.router.service.store import Routed, StoreError
from components.router.service.store.open import open_store


class Failing:
    """A store that does not answer until it is told to."""

    def __init__(self, store):
        self._store, self.answers = store, False

    def remember(self, routed):
        if not self.answers:
            raise StoreError("disk full")
        self._store.remember(routed)

    def __getattr__(self, name):
        return getattr(self._store, name)


def routed(number):
    request = Request(request_id=f"r{number}", utterance="play", timestamp=datetime(2026, 5, 1, tzinfo=UTC))
    return Routed(request=request, chosen="radio", accepted=True, models={})


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_AGAIN_S", 0.01)
    opened = open_store(tmp_path / "store.sqlite")
    yield Failing(opened)
    opened.close()


def test_what_a_full_disk_kept_from_the_store_is_found_and_stored_later(store):
    recall = Recall(store, remember_s=60.0, lost=lambda count: pytest.fail(f"lost {count}"))
    for number in range(3):
        recall.answered(routed(number), None, 0.0)
    for _ in range(100):
        assert [recall.find(f"r{number}") for number in range(3)] == [routed(number) for number in range(3)]
    store.answers = True
    recall.close()
    assert store.routed("r2") == routed(2)


def test_only_so_many_wait_and_the_rest_is_counted(store):
    lost = []
    recall = Recall(store, remember_s=60.0, most=2, lost=lost.append)
    for number in range(5):
        recall.answered(routed(number), None, 0.0)
    recall.close()
    assert sum(lost) == 5  # three had no room, two were never stored
