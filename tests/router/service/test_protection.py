"""What a router does not put up with, and how it ends."""

import datetime
import logging
import socket
import ssl
import threading
import time

import grpc
import httpx
import msgspec
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from components.records.servable import Servable
from components.router.api import router_pb2 as pb
from components.router.api import router_pb2_grpc
from components.router.service.in_process import InProcess
from components.router.service.json_log import FIELDS, JsonFormatter
from components.router.service.options import RouterOptions
from components.router.service.service import RouterServer

CALL = {"utterance": "play jazz"}


class Held:
    """A servable that answers when it is let."""

    def __init__(self, servable, let):
        self._servable, self._let = servable, let

    def __getattr__(self, name):
        return getattr(self._servable, name)

    def predict(self, *given, **more):
        self._let.wait()
        return self._servable.predict(*given, **more)


@pytest.fixture
def held(serving):
    """A router whose Shortlister answers when `let` is set; it takes three requests at a time."""
    let = threading.Event()

    def load(folder):
        servable = Servable.load(folder)
        return Held(servable, let) if folder.parent.name == "shortlister" else servable

    server = RouterServer(InProcess(serving, load=load), RouterOptions(threads=1, most_waiting=2)).start()
    yield server, let
    let.set()
    server.close()


def wait_until(true):
    until = time.monotonic() + 10.0
    while not true():
        assert time.monotonic() < until
        time.sleep(0.005)


def test_one_too_many_is_refused_at_once_by_both_apis_and_the_others_are_answered(held):
    server, let = held
    statuses = []

    def ask():
        statuses.append(httpx.post(f"http://{server.http_address}/v1/route", json=CALL).status_code)

    threads = [threading.Thread(target=ask) for _ in range(3)]
    for thread in threads:
        thread.start()
    metrics = f"http://{server.http_address}/metrics"
    wait_until(lambda: "arbiter_router_inside 3.0" in httpx.get(metrics).text)
    refused = httpx.post(f"http://{server.http_address}/v1/route", json=CALL)
    assert refused.status_code == 429
    assert int(refused.headers["retry-after-ms"]) > 0
    with grpc.insecure_channel(server.grpc_address) as channel:
        with pytest.raises(grpc.RpcError) as error:
            router_pb2_grpc.RouterStub(channel).Route(pb.RouteRequest(utterance="play"))
        assert error.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
        assert int(dict(error.value.trailing_metadata())["grpc-retry-pushback-ms"]) > 0
    let.set()
    for thread in threads:
        thread.join()
    assert statuses == [200] * 3
    assert 'code="RESOURCE_EXHAUSTED"} 2.0' in httpx.get(metrics).text


def test_a_router_that_ends_answers_what_is_under_way(held):
    server, let = held
    answers = []

    def ask():
        answers.append(httpx.post(f"http://{server.http_address}/v1/route", json=CALL))

    asking = threading.Thread(target=ask)
    asking.start()
    metrics = f"http://{server.http_address}/metrics"
    wait_until(lambda: "arbiter_router_inside 1.0" in httpx.get(metrics).text)
    closing = threading.Thread(target=server.close)
    closing.start()
    wait_until(lambda: httpx.get(f"http://{server.http_address}/readyz").status_code == 503)
    refused = httpx.post(f"http://{server.http_address}/v1/route", json=CALL)
    assert (refused.status_code, refused.json()) == (503, {"error": "the router is shutting down"})
    let.set()
    asking.join()
    closing.join()
    assert answers[0].status_code == 200
    for said in (refused, answers[0]):
        assert said.headers["connection"] == "close"  # else a client would go on writing to it
    with pytest.raises(httpx.ConnectError):
        httpx.get(metrics)


def test_the_client_s_deadline_holds(held):
    server, let = held
    blocker = threading.Thread(target=lambda: httpx.post(f"http://{server.http_address}/v1/route", json=CALL))
    blocker.start()
    metrics = f"http://{server.http_address}/metrics"
    wait_until(lambda: "arbiter_router_inside 1.0" in httpx.get(metrics).text)
    with grpc.insecure_channel(server.grpc_address) as channel:
        with pytest.raises(grpc.RpcError) as error:
            router_pb2_grpc.RouterStub(channel).Route(pb.RouteRequest(utterance="play"), timeout=0.05)
        assert error.value.code() is grpc.StatusCode.DEADLINE_EXCEEDED
    let.set()
    blocker.join()
    headers = {"x-timeout-ms": "soon"}
    said = httpx.post(f"http://{server.http_address}/v1/route", json=CALL, headers=headers)
    assert said.status_code == 400


def test_a_body_that_does_not_come_is_given_up(serving):
    with (
        RouterServer(InProcess(serving), RouterOptions(timeout_s=0.1), grpc_port=None) as server,
        socket.create_connection(tuple(server.http_address.split(":"))) as connection,
    ):
        connection.sendall(b"POST /v1/route HTTP/1.1\r\nhost: a\r\ncontent-length: 100\r\n\r\n{")
        assert connection.recv(100).startswith(b"HTTP/1.1 408")


def test_a_key(serving):
    with RouterServer(InProcess(serving), RouterOptions(api_key="sésame")) as server:
        base = f"http://{server.http_address}"
        for headers in ({}, {"x-api-key": "wrong"}):
            assert httpx.post(f"{base}/v1/route", json=CALL, headers=headers).status_code == 401
        assert httpx.get(f"{base}/healthz").status_code == 200
        with grpc.insecure_channel(server.grpc_address) as channel:
            with pytest.raises(grpc.RpcError) as error:
                router_pb2_grpc.RouterStub(channel).Route(pb.RouteRequest(utterance="play"))
            assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED
    with RouterServer(InProcess(serving), RouterOptions(api_key="sesame")) as server:
        said = httpx.post(
            f"http://{server.http_address}/v1/route", json=CALL, headers={"x-api-key": "sesame"}
        )
        assert said.status_code == 200
        with grpc.insecure_channel(server.grpc_address) as channel:
            answer = router_pb2_grpc.RouterStub(channel).Route(
                pb.RouteRequest(utterance="play"), metadata=(("x-api-key", "sesame"),)
            )
        assert answer.hypotheses


def certificate(folder, name, signer=None):
    """A key and its certificate, signed by `signer` or by itself, as PEM files."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    issuer, signing = (subject, key) if signer is None else signer
    now = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .sign(signing, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    (folder / f"{name}.crt").write_bytes(made.public_bytes(pem))
    plain = serialization.NoEncryption()
    (folder / f"{name}.key").write_bytes(
        key.private_bytes(pem, serialization.PrivateFormat.TraditionalOpenSSL, plain)
    )
    return subject, key


def test_mutual_tls(serving, tmp_path):
    authority = certificate(tmp_path, "authority")
    for name in ("server", "client"):
        certificate(tmp_path, name, authority)
    path = {each.name: str(each) for each in tmp_path.iterdir()}
    options = RouterOptions(
        tls_certificate=path["server.crt"],
        tls_key=path["server.key"],
        tls_client_ca=path["authority.crt"],
    )
    with RouterServer(InProcess(serving), options) as server:
        ports = [address.rpartition(":")[2] for address in (server.http_address, server.grpc_address)]
        context = ssl.create_default_context(cafile=path["authority.crt"])
        with pytest.raises(httpx.TransportError):
            httpx.post(f"https://localhost:{ports[0]}/v1/route", json=CALL, verify=context)
        context.load_cert_chain(path["client.crt"], path["client.key"])
        said = httpx.post(f"https://localhost:{ports[0]}/v1/route", json=CALL, verify=context)
        assert said.status_code == 200
        read = {name: (tmp_path / name).read_bytes() for name in path}
        credentials = grpc.ssl_channel_credentials(
            read["authority.crt"], read["client.key"], read["client.crt"]
        )
        with grpc.secure_channel(f"localhost:{ports[1]}", credentials) as channel:
            answer = router_pb2_grpc.RouterStub(channel).Route(pb.RouteRequest(utterance="play"))
        assert answer.hypotheses
        with grpc.secure_channel(
            f"localhost:{ports[1]}", grpc.ssl_channel_credentials(read["authority.crt"])
        ) as channel:
            with pytest.raises(grpc.RpcError) as error:
                router_pb2_grpc.RouterStub(channel).Route(pb.RouteRequest(utterance="play"))
            assert error.value.code() is grpc.StatusCode.UNAVAILABLE


@pytest.mark.parametrize("allowed", [False, True])
def test_what_was_said_is_in_no_log_unless_that_is_allowed(serving, caplog, allowed):
    caplog.set_level(logging.INFO, "arbiter")
    options = RouterOptions(log_utterances=allowed)
    with RouterServer(InProcess(serving), options, grpc_port=None) as server:
        route = f"http://{server.http_address}/v1/route"
        answer = httpx.post(route, json={"utterance": "a secret wish"}).json()
        httpx.post(route, json={"utterance": "a secret wish", "secret field": 1})
    lines = [JsonFormatter().format(record) for record in caplog.records if hasattr(record, FIELDS)]
    (routed,) = (line for line in map(msgspec.json.decode, lines) if line["event"] == "routed")
    assert routed["request_id"] == answer["request_id"]
    assert ("secret" in "".join(lines)) is allowed


def test_what_is_inside_stays_inside(serving, monkeypatch):
    with RouterServer(InProcess(serving), RouterOptions()) as server:

        def fail(call):
            raise KeyError("/secret/place")

        monkeypatch.setattr(server._desk.core, "_read", fail)
        said = httpx.post(f"http://{server.http_address}/v1/route", json=CALL)
        assert (said.status_code, said.json()) == (500, {"error": "internal error"})


def test_a_port_that_is_taken(serving):
    with RouterServer(InProcess(serving), RouterOptions()) as server:
        for taken in ("http", "grpc"):
            source = InProcess(serving)
            address = getattr(server, f"{taken}_address")
            with pytest.raises(OSError, match=r"taken|in use"):
                RouterServer(source, RouterOptions(), **{f"{taken}_port": int(address.rpartition(":")[2])})
            source.close()
