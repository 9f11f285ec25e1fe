"""Whom a push waits for, where each model is to have a server of its own."""

import grpc
import pytest

from components.push import await_server as module
from components.push.await_server import await_server
from components.push.options import PushOptions
from components.push.serving_folder import make_stable, offer
from components.records.serving_client import ServingError

OPTIONS = PushOptions(server="{host}.arbiter.svc:8500", wait_seconds=1.0)


@pytest.fixture
def asked(monkeypatch):
    """Places that were asked; no server is at any of them."""
    places = []

    class Client:
        def __init__(self, place):
            self.place = place

        def close(self):
            pass

        def status(self, model):
            places.append(self.place)
            raise ServingError(self.place, grpc.StatusCode.UNAVAILABLE, "no such host")

    monkeypatch.setattr(module, "ServingClient", Client)
    return places


def test_a_model_that_was_never_in_service_needs_no_server_yet(asked, tmp_path):
    assert await_server(tmp_path, {"domain-music": 1, "shortlister": 1}, OPTIONS) == ""
    assert asked == ["domain-music.arbiter.svc:8500", "shortlister.arbiter.svc:8500"]


def test_the_server_of_a_model_in_service_must_answer(asked, tmp_path):
    (tmp_path / "shortlister/1").mkdir(parents=True)
    offer(tmp_path, {"shortlister": 1})
    make_stable(tmp_path, {"shortlister": 1}, retired=())
    offer(tmp_path, {"shortlister": 2, "domain-music": 1})
    assert await_server(tmp_path, {"domain-music": 1, "shortlister": 2}, OPTIONS) == (
        "after 1 s the server at shortlister.arbiter.svc:8500 does not answer"
    )
