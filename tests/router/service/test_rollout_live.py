"""A rollout of a live model server: offered, labelled, asked by a router, promoted, and another abandoned."""

import time
from unittest.mock import patch

import pytest

import components.push.push as push_module
from components.push.options import PushOptions
from components.push.push import push
from components.push.rollout import abandon, promote
from components.push.serving_folder import stable_versions
from components.records.serving_client import ServingClient, ServingError
from components.router.api.calls import RouteCall
from components.router.service.core import RouterCore
from components.router.service.deadline import Deadline
from components.router.service.options import RouterOptions
from components.router.service.over_grpc import OverGrpc
from components.server.options import ServerOptions
from components.server.server import ModelServer
from tests.push.fakes import all_reproduced
from tests.router.service.conftest import MUSIC, TRAVEL, VERSIONS, route
from tests.whole_system import put_in_service

CALL = RouteCall(utterance="book a room in lima", request_id="r1", customer_id="c1")


@pytest.fixture
def live(whole_system, tmp_path):
    """A serving folder, and the server that follows it."""
    serving = tmp_path / "serving"
    put_in_service(serving, whole_system.folders, VERSIONS)
    options = ServerOptions(
        port=0,
        model_config_file=str(serving / "models.config"),
        model_config_file_poll_wait_seconds=0.05,
        allow_version_labels_for_unavailable_models=True,
    )
    with ModelServer.start(options) as server:
        yield serving, server.address


def offer(serving, address, folders, **options):
    with (
        patch.object(push_module, "read_recording", lambda *_: None),
        patch.object(push_module, "reproduce", all_reproduced),
    ):
        return push(
            folders,
            serving,
            serving,
            in_service=stable_versions(serving),
            blessed=True,
            verdict="",
            options=PushOptions(server=address, wait_seconds=20.0, **options),
        )


def versions_of(core):
    answer = route(core, CALL, Deadline(20.0))
    assert answer.degraded == ()
    return answer.arm, {each.model: each.version for each in answer.models}


def knows(address, model, label):
    """Whether the server has a version of that label; a call without inputs tells."""
    with ServingClient(address) as client, pytest.raises(ServingError) as error:
        client.predict(model, {}, label=label)
    return "Unrecognized servable version label" not in error.value.message


def until(found, wanted):
    deadline = time.monotonic() + 20.0
    while found() != wanted:
        assert time.monotonic() < deadline, found()
        time.sleep(0.02)


def test_from_an_offer_to_the_end(whole_system, live):
    serving, address = live
    source = OverGrpc(address, serving, timeout_s=5.0)
    core = RouterCore(source, RouterOptions(model_timeout_s=5.0, timeout_s=20.0))
    assert versions_of(core) == (None, VERSIONS)
    travel = {TRAVEL: whole_system.folders[TRAVEL]}
    result = offer(serving, address, travel, canary=1.0)
    assert (result.outcome, result.models[0].version) == ("canary", VERSIONS[TRAVEL] + 1)
    tried = {**VERSIONS, TRAVEL: VERSIONS[TRAVEL] + 1}
    assert versions_of(core) == ("canary", tried)  # at once: the push has waited for the server
    until(lambda: knows(address, TRAVEL, "canary"), True)
    options = PushOptions(server=address)
    assert promote(serving, reason="better", options=options).in_service == tried
    until(lambda: versions_of(core), (None, tried))
    until(lambda: knows(address, TRAVEL, "canary"), False)
    music = {MUSIC: whole_system.folders[MUSIC]}
    assert offer(serving, address, music, shadow=True).outcome == "shadow"
    assert versions_of(core) == (None, tried)
    assert source.arms().tried.current(MUSIC).version == VERSIONS[MUSIC] + 1
    assert abandon(serving, reason="enough").in_service == tried
    with ServingClient(address) as client:
        until(lambda: client.status(MUSIC)[VERSIONS[MUSIC] + 1].state, "END")
    assert versions_of(core) == (None, tried)
    source.close()
