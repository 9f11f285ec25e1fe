"""A push that all replicas of a model server must have taken: two real servers on one serving folder."""

import socket
import threading

import numpy as np
import pytest

from components.push.into_service import put_into_service
from components.push.options import PushOptions
from components.push.replicas import replicas
from components.push.serving_folder import make_stable, offer, stable_versions
from components.records.models_config import MODELS_CONFIG
from components.records.servable import ServableError
from components.records.serving_client import ServingClient
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.server.calls import eventually
from tests.server.rest.echo import Echo


class Replica:
    """A server that follows `serving` as TF Serving does; what its `loads` raise, its loads raise."""

    def __init__(self, serving, port=0):
        self.loads = lambda version: None
        self._options = ServerOptions(
            port=port,
            model_config_file=str(serving / MODELS_CONFIG),
            model_config_file_poll_wait_seconds=0.05,
            file_system_poll_wait_seconds=0.05,
            allow_version_labels_for_unavailable_models=True,
            max_num_load_retries=0,
        )
        self.server = ModelServer.start(self._options, load=self._load)
        self.address = self.server.address

    @property
    def port(self):
        return int(self.address.rpartition(":")[2])

    def stable(self):
        """The version that answers to the label."""
        with ServingClient(self.address) as client:
            return client.predict("m", {"x": np.float32([1])}, label="stable")[1]

    def state(self, version):
        with ServingClient(self.address) as client:
            found = client.status("m").get(version)
        return None if found is None else found.state

    def stop(self):
        self.server.stop(0.0)

    def _load(self, folder, options, batching):
        self.loads(int(folder.name))
        return Echo({"serving_default": {"x": "DT_FLOAT"}})


@pytest.fixture
def serving(tmp_path):
    """Model `m`, version 1 in service, version 2 on disk."""
    for version in "12":
        (tmp_path / "m" / version).mkdir(parents=True)
    offer(tmp_path, {"m": 1})
    make_stable(tmp_path, {"m": 1})
    return tmp_path


@pytest.fixture
def two(serving):
    running = [Replica(serving), Replica(serving)]
    yield running
    for replica in running:
        replica.stop()


def options_for(*replicas, wait=20.0):
    return PushOptions(server=",".join(replica.address for replica in replicas), wait_seconds=wait)


def test_no_label_moves_before_the_last_replica_has_the_version(serving, two):
    first, second = two
    go, loading = threading.Event(), threading.Event()
    second.loads = lambda version: (loading.set(), go.wait(20))
    said = []
    pushing = threading.Thread(
        target=lambda: said.append(put_into_service(serving, {"m": 2}, options_for(*two), retired=()))
    )
    pushing.start()
    assert loading.wait(10)
    eventually(lambda: first.state(2) == "AVAILABLE")
    assert stable_versions(serving) == {"m": 1}
    assert (first.stable(), second.stable()) == (1, 1)
    go.set()
    pushing.join(20)
    assert said == [""]
    assert stable_versions(serving) == {"m": 2}
    eventually(lambda: (first.stable(), second.stable()) == (2, 2))


def test_one_that_cannot_load_it_has_it_taken_back_from_all(serving, two):
    first, second = two

    def refuse(version):
        raise ServableError(5, "no room")

    second.loads = refuse
    before = (serving / MODELS_CONFIG).read_bytes()
    said = put_into_service(serving, {"m": 2}, options_for(*two), retired=())
    assert said == f"the server at {second.address} cannot load m, version 2: no room"
    assert (serving / MODELS_CONFIG).read_bytes() == before
    eventually(lambda: first.state(2) in (None, "END"))
    assert (first.stable(), second.stable()) == (1, 1)


def test_one_that_dies_while_it_is_waited_for_keeps_the_version_out_and_comes_back_as_it_was(serving, two):
    first, second = two
    second.loads = lambda version: second.server._grpc._server.stop(0)  # it is gone for its clients
    before = (serving / MODELS_CONFIG).read_bytes()
    said = put_into_service(serving, {"m": 2}, options_for(*two, wait=1.0), retired=())
    assert said == f"after 1 s the server at {second.address} does not answer"
    assert (serving / MODELS_CONFIG).read_bytes() == before
    second.stop()
    two[1] = Replica(serving, second.port)
    assert (first.stable(), two[1].stable()) == (1, 1)


def test_one_that_missed_the_offer_comes_up_with_what_is_in_service(serving, two):
    first, second = two
    second.stop()
    assert put_into_service(serving, {"m": 2}, options_for(first), retired=()) == ""
    two[1] = Replica(serving, second.port)
    assert two[1].stable() == 2
    eventually(lambda: first.stable() == 2)
    (serving / "m" / "3").mkdir()
    assert put_into_service(serving, {"m": 3}, options_for(*two), retired=()) == ""
    eventually(lambda: (first.stable(), two[1].stable()) == (3, 3))


def test_a_name_stands_for_all_its_addresses_as_they_are_when_it_is_asked(monkeypatch):
    four, six = socket.AF_INET, socket.AF_INET6
    known = {
        "m.svc": [(four, "10.0.0.3"), (four, "10.0.0.2")],
        "dual": [(six, "::7"), (four, "10.0.0.5")],
        "six": [(six, "::9"), (six, "::8")],
    }

    def look_up(host, port, **_):
        if host not in known:
            raise socket.gaierror
        return [(family, socket.SOCK_STREAM, 6, "", (address, port)) for family, address in known[host]]

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    assert replicas("{host}.svc:85", "m") == ("10.0.0.2:85", "10.0.0.3:85")
    assert replicas("dual:85, m.svc:85,dual:85", "m") == ("10.0.0.5:85", "10.0.0.2:85", "10.0.0.3:85")
    assert replicas("six:85", "m") == ("[::8]:85", "[::9]:85")
    assert replicas("nobody:85,unix:/run/s,dns:///m.svc:85", "m") == (
        "nobody:85",
        "unix:/run/s",
        "dns:///m.svc:85",
    )
    known["m.svc"].pop()
    assert replicas("{host}.svc:85", "m") == ("10.0.0.3:85",)
