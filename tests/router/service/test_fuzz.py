"""Anything may be sent to either API: it is answered or refused with its code, and nothing leaks."""

import json
import os
import threading

import grpc
import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from components.router.api import router_pb2 as pb
from components.router.service.in_process import InProcess
from components.router.service.openapi import openapi
from components.router.service.options import RouterOptions
from components.router.service.service import RouterServer
from components.router.service.store.open import open_store

EXAMPLES = int(os.environ.get("ARBITER_FUZZ_EXAMPLES", "12"))
"""Of each test; ten thousand of all together take 700."""
FEW = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
)


@pytest.fixture(scope="module")
def target(serving, tmp_path_factory):
    folder = tmp_path_factory.mktemp("fuzzed")
    with RouterServer(
        InProcess(serving),
        RouterOptions(),
        store=open_store(folder / "store.sqlite"),
        feedback=folder / "feedback",
    ) as running:
        yield running


@pytest.fixture(scope="module")
def http(target):
    with httpx.Client(base_url=f"http://{target.http_address}") as client:
        yield client


@pytest.fixture(scope="module")
def channel(target):
    with grpc.insecure_channel(target.grpc_address) as opened:
        yield opened


schema = schemathesis.openapi.from_dict(json.loads(openapi()))


@schema.parametrize()
@FEW
def test_what_the_document_allows_and_forbids(case, target):
    response = case.call(base_url=f"http://{target.http_address}")
    documented = map(int, case.operation.definition.raw["responses"])  # 504: a deadline of a millisecond
    assert response.status_code in {404, 405, *documented} - {500}


ROUTES = ("/v1/route", "/v1/route_batch", "/v1/feedback", "/v1/customers/a")
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=12,
)
FIELDS = ("utterance", "request_id", "timestamp", "context", "recent", "top", "requests", "outcome", "slots")


@given(st.sampled_from(ROUTES), st.binary(max_size=300))
@FEW
def test_any_bytes_over_http(http, path, body):
    method = "PUT" if "customers" in path else "POST"
    response = http.request(method, path, content=body)
    assert response.status_code == 400
    assert response.json()["error"]


@given(st.sampled_from(ROUTES), st.dictionaries(st.sampled_from(FIELDS), json_values, max_size=5))
@FEW
def test_any_values_over_http(http, path, fields):
    method = "PUT" if "customers" in path else "POST"
    response = http.request(method, path, content=json.dumps(fields))
    assert response.status_code in (200, 400, 404)


def code_of(call) -> grpc.StatusCode:
    try:
        call()
    except grpc.RpcError as error:
        return error.code()
    return grpc.StatusCode.OK


METHODS = ("Route", "RouteBatch", "Feedback", "None")


@given(st.sampled_from(METHODS), st.binary(max_size=300))
@FEW
def test_any_bytes_over_grpc(channel, method, body):
    call = channel.unary_unary(f"/arbiter.v1.Router/{method}")
    assert code_of(lambda: call(body, timeout=10.0)) in (
        grpc.StatusCode.OK,
        grpc.StatusCode.INVALID_ARGUMENT,
        grpc.StatusCode.NOT_FOUND,
        grpc.StatusCode.UNIMPLEMENTED,
        grpc.StatusCode.INTERNAL,  # gRPC's own word for a message that it cannot read
    )


@given(st.text(max_size=40), st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1), st.text())
@FEW
def test_any_message_over_grpc(channel, utterance, number, top, other):
    utterance, other = (text.encode("utf-8", "replace").decode() for text in (utterance, other))
    message = pb.RouteRequest(
        utterance=utterance,
        request_id=other,
        timestamp_micros=number,
        customer_id=other,
        top=top,
        context=pb.Context(previous_skill=other, turn=number),
        recent=pb.Uses(uses=[pb.Use(skill_id=other, timestamp_micros=number)]),
    )
    call = channel.unary_unary(
        "/arbiter.v1.Router/Route", pb.RouteRequest.SerializeToString, pb.RouteResponse.FromString
    )
    allowed = (grpc.StatusCode.OK, grpc.StatusCode.INVALID_ARGUMENT)
    assert code_of(lambda: call(message, timeout=10.0)) in allowed


def descriptors() -> int:
    return len(os.listdir("/proc/self/fd"))


def test_nothing_leaks(target):
    def ask(number):
        with httpx.Client(base_url=f"http://{target.http_address}") as client:
            client.post("/v1/route", content=b"{" * (number % 50))
            client.post("/v1/route", json={"utterance": "play", "customer_id": f"c{number}"})

    for number in range(20):
        ask(number)
    before = (descriptors(), threading.active_count())
    for number in range(60):
        ask(number)
    assert descriptors() <= before[0] + 3
    assert threading.active_count() <= before[1]
