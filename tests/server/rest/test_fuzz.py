"""Requests that no client means to send: answered or refused, none with a 500, no thread left over."""

import json
import os
import socket
import threading

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from components.server.calls import Calls
from components.server.rest.listener import RestListener
from tests.server.rest.echo import Core, Echo, api_of

SIGNATURES = {
    "serving_default": {"x": "DT_FLOAT"},
    "two": {"n": "DT_INT32", "s": "DT_STRING"},
    "bytes": {"b_bytes": "DT_STRING", "f": "DT_BOOL"},
    "half": {"h": "DT_HALF"},
}
scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=4),
    st.just({"b64": "aGk="}),
    st.fixed_dictionaries({"b64": st.text(max_size=3)}),
)
values = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["x", "n", "s", "b_bytes", "f", "utterance", "enabled", "k"]), inner
        )
    ),
    max_leaves=8,
)
documents = st.fixed_dictionaries(
    {},
    optional={
        "signature_name": st.sampled_from([*SIGNATURES, "?", 1, None]),
        "instances": values,
        "inputs": values,
        "examples": values,
        "context": values,
    },
)
bodies = st.one_of(
    documents.map(lambda document: json.dumps(document).encode()),
    st.tuples(documents, st.integers(0, 60), st.binary(max_size=3)).map(
        lambda given: (lambda body: body[: given[1]] + given[2] + body[given[1] + 1 :])(
            json.dumps(given[0]).encode()
        )
    ),
    st.binary(max_size=40),
)
verbs = st.sampled_from(["predict", "predict", "predict", "classify", "regress"])
ALLOWED = {"OK", "INVALID_ARGUMENT", "FAILED_PRECONDITION", "UNIMPLEMENTED", "NOT_FOUND"}


@settings(max_examples=200)
@given(bodies, verbs)
def test_any_body_is_answered_or_refused(body, verb):
    answer = api_of(Echo(SIGNATURES)).answer("POST", f"/v1/models/m:{verb}", body)
    assert answer.code.name in ALLOWED, answer
    json.loads(answer.body.decode(errors="replace"))  # the bytes that are no UTF-8 are the client's own


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.fixed_dictionaries({"utterance": values, "enabled": values, "k": values}) | documents,
    st.booleans(),
)
def test_a_twin_answers_or_refuses(twin, inputs, wrapped):
    body = json.dumps({"inputs": inputs} if wrapped else inputs).encode()
    answer = api_of(twin).answer("POST", "/v1/models/m:predict", body)
    assert answer.code.name in ALLOWED, answer


PIECES = ("/v1", "/models", "/m", "/versions/", "/labels/", "1", "9" * 30, ":predict", "/metadata")
PIECES += ("%", "%00", "%ff", "?", "é", "\udcff", "\n", ":", "//")


@settings(max_examples=300)
@given(
    st.sampled_from(["GET", "POST", "PUT", "", "OPTIONS"]),
    st.lists(st.sampled_from(PIECES), max_size=7).map("".join),
)
def test_any_path_is_answered_or_refused(method, target):
    answer = api_of(Echo(SIGNATURES)).answer(method, target, b"")
    assert answer.code.name in ALLOWED


@pytest.fixture(scope="module")
def listener():
    with RestListener(Calls(Core(Echo(SIGNATURES))), "127.0.0.1", 0, threads=4) as running:
        yield running


HEADS = (
    b"POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\n{}",
    b"POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\nContent-Length: x\r\n\r\n{}",
    b"POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n",
    b"POST /v1/models/m:predict HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}",
    b"GET /v1/models/\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    b"GET http://[::1 HTTP/1.1\r\n\r\n",
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
    b"GET /v1/models/m HTTP/9.9\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
    b"\r\n" * 100,
)


def test_broken_connections_leave_nothing_behind(listener):
    host, port = listener.address.rsplit(":", 1)
    with httpx.Client(base_url=f"http://{listener.address}", trust_env=False) as client:
        client.post("/v1/models/m:predict", json={"inputs": [1.0]})
        threads, files = threading.active_count(), len(os.listdir("/proc/self/fd"))
        for _ in range(5):
            for head in HEADS:
                with socket.create_connection((host, int(port)), timeout=5) as connection:
                    connection.sendall(head)
                    connection.shutdown(socket.SHUT_WR)
                    answer = connection.recv(100)
                    assert not answer.startswith(b"HTTP/1.1 5"), (head, answer)
        assert client.post("/v1/models/m:predict", json={"inputs": [1.0]}).json() == {"outputs": [1.0]}
        deadline = 50
        while len(os.listdir("/proc/self/fd")) > files and deadline:
            deadline -= 1
            threading.Event().wait(0.1)
        assert len(os.listdir("/proc/self/fd")) <= files
        assert threading.active_count() <= threads + 4  # the pool's threads start when they are needed
