"""Both APIs over sockets: the same answers as the composing code gives, and the same refusals."""

import threading
from concurrent.futures import ThreadPoolExecutor

import grpc
import httpx
import msgspec
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from components.records.prediction import Prediction
from components.router.api import router_pb2 as pb
from components.router.api import router_pb2_grpc
from components.router.api.answers import RouteAnswer, RouteBatchAnswer
from components.router.api.calls import RouteCall
from components.router.api.proto import read_answer, write_call
from components.router.compose import compose, decide
from components.router.explain import explain
from components.router.models import FolderModels
from components.router.service.in_process import InProcess
from components.router.service.options import RouterOptions
from components.router.service.service import RouterServer
from tests.router.service.conftest import VERSIONS
from tests.router.test_whole_system import same


@pytest.fixture(scope="module")
def http(router):
    with httpx.Client(base_url=f"http://{router.http_address}") as client:
        yield client


@pytest.fixture(scope="module")
def stub(router):
    with grpc.insecure_channel(router.grpc_address) as channel:
        yield router_pb2_grpc.RouterStub(channel)


def call_of(request, **more) -> RouteCall:
    names = (
        "utterance",
        "request_id",
        "timestamp",
        "locale",
        "device",
        "customer_id",
        "enabled_skills",
        "recent",
        "context",
    )
    return RouteCall(**{name: getattr(request, name) for name in names}, **more)


def prediction_of(answer: RouteAnswer) -> Prediction:
    names = Prediction.__struct_fields__
    return Prediction(**{name: getattr(answer, name) for name in names})


def test_both_apis_answer_as_batch_does(whole_system, requests, http, stub):
    for request in requests[:20]:
        (decision,) = decide(FolderModels(whole_system.folders), [request], top=5)
        expected, call = decision.prediction, call_of(request)
        said = http.post("/v1/route", content=msgspec.json.encode(call))
        assert said.status_code == 200
        rest = msgspec.json.decode(said.content, type=RouteAnswer)
        rpc = read_answer(stub.Route(write_call(call)))
        assert rest == rpc
        same(prediction_of(rest), expected)
        assert rest.degraded == ()
        asked = {each.model for each in explain(decision).models}
        assert {each.model: each.version for each in rest.models} == {name: VERSIONS[name] for name in asked}


def test_requests_at_once_are_each_answered_as_alone(whole_system, requests, http):
    alone = compose(FolderModels(whole_system.folders), requests[:40], top=5)
    with ThreadPoolExecutor(16) as clients:
        bodies = [msgspec.json.encode(call_of(request)) for request in requests[:40]]
        said = list(clients.map(lambda body: http.post("/v1/route", content=body), bodies))
    for reply, expected in zip(said, alone, strict=True):
        assert reply.status_code == 200
        same(prediction_of(msgspec.json.decode(reply.content, type=RouteAnswer)), expected)


def test_a_request_may_say_which_skills_it_may_be_routed_to(requests, http, stub):
    skills = ({"skill_id": "oven"}, {"skill_id": "radio", "intents": []}, {"skill_id": "gone"})
    for request in requests[:10]:
        call = msgspec.convert({**msgspec.to_builtins(call_of(request)), "skills": skills}, RouteCall)
        rest = http.post("/v1/route", content=msgspec.json.encode(call))
        answer = msgspec.json.decode(rest.content, type=RouteAnswer)
        assert answer == read_answer(stub.Route(write_call(call)))
        assert {hypothesis.skill_id for hypothesis in answer.hypotheses} == {"oven", "radio"}
        assert answer.unknown_skills == ("gone",)
    only = http.post("/v1/route", json={"utterance": "play jazz", "skills": [{"skill_id": "gone"}]}).json()
    assert (only["accepted"], only["hypotheses"], only["unknown_skills"]) == (False, [], ["gone"])
    for wrong in ([{}], [{"skill_id": ""}], ["oven"], [{"skill_id": "oven"}] * 2):
        assert http.post("/v1/route", json={"utterance": "play", "skills": wrong}).status_code == 400
    many = [{"skill_id": f"s{number}"} for number in range(1025)]
    assert http.post("/v1/route", json={"utterance": "play", "skills": many}).status_code == 400


def test_an_explanation_on_request(requests, http, stub):
    call = call_of(requests[1], explain=True, top=1)
    rest = msgspec.json.decode(
        http.post("/v1/route", content=msgspec.json.encode(call)).content, type=RouteAnswer
    )
    rpc = read_answer(stub.Route(write_call(call)))
    for answer in (rest, rpc):
        seconds = answer.explanation.seconds
        whole = seconds.pop("request")  # a struct is frozen, its dictionary is not: the rest must agree
        assert seconds.keys() == {"shortlister", "domain", "hyprank"}
        assert 0.0 < sum(seconds.values()) < whole
        seconds.clear()
    assert rest == rpc
    assert len(rest.hypotheses) == 1
    assert rest.explanation.utterance == requests[1].utterance
    assert len(rest.explanation.shortlist) > 1


def test_a_batch_answers_each_and_says_what_is_wrong_with_one(requests, http, stub):
    calls = [call_of(requests[1], top=2), RouteCall(utterance=" "), call_of(requests[2])]
    body = msgspec.json.encode({"requests": calls})
    said = msgspec.json.decode(http.post("/v1/route_batch", content=body).content, type=RouteBatchAnswer)
    assert [result.answer is None for result in said.results] == [False, True, False]
    assert "`utterance` must not be empty" in said.results[1].error
    assert [len(said.results[n].answer.hypotheses) for n in (0, 2)] == [2, 3]
    over_grpc = stub.RouteBatch(pb.RouteBatchRequest(requests=map(write_call, calls)))
    assert [each.WhichOneof("result") for each in over_grpc.results] == ["answer", "error", "answer"]
    assert read_answer(over_grpc.results[2].answer) == said.results[2].answer


def test_a_request_id_is_made_up(http):
    found = [http.post("/v1/route", json={"utterance": "play jazz"}).json()["request_id"] for _ in range(2)]
    assert len(set(found)) == 2


@pytest.mark.parametrize(
    ("body", "status", "words"),
    [
        (b"", 400, "one JSON object"),
        (b"[]", 400, "wrong kind"),
        (b'{"utterance": 3}', 400, "`utterance`"),
        (b'{"utterance": "x", "skill_id": "radio"}', 400, "`skill_id` is no field"),
        (b'{"utterance": "x", "timestamp": "2026-01-01T00:00:00"}', 400, "offset"),
        (b'{"utterance": "x", "top": 0}', 400, "`top`"),
        (b'{"utterance": "' + b"x" * 5000 + b'"}', 400, "at most 4096"),
        (b'{"utterance": "\xff"}', 400, "UTF-8"),
        (b'{"utterance": "' + b"x" * 1_000_001 + b'"}', 413, "at most 1000000 bytes"),
    ],
)
def test_what_is_wrong_is_said(http, body, status, words):
    said = http.post("/v1/route", content=body)
    assert (said.status_code, said.headers["content-type"]) == (status, "application/json")
    assert words in said.json()["error"]


def test_no_such_place(http):
    assert http.get("/v1/nothing").status_code == 404
    said = http.get("/v1/route")
    assert said.status_code == 405
    assert "error" in said.json()


def test_grpc_says_what_is_wrong(stub):
    with pytest.raises(grpc.RpcError) as error:
        stub.Route(pb.RouteRequest(utterance="x" * 5000))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    with pytest.raises(grpc.RpcError) as error:
        stub.Route(pb.RouteRequest(utterance="x", timestamp_micros=2**62))
    assert error.value.code() is grpc.StatusCode.INVALID_ARGUMENT


def test_health(http):
    assert http.get("/healthz").status_code == 200
    assert http.get("/readyz").status_code == 200


def test_grpc_says_that_it_is_being_closed(serving):
    router = RouterServer(InProcess(serving), RouterOptions()).start()
    closing = threading.Thread(target=router.close)
    with grpc.insecure_channel(router.grpc_address) as channel:
        said = health_pb2_grpc.HealthStub(channel).Watch(health_pb2.HealthCheckRequest())
        assert next(said).status == health_pb2.HealthCheckResponse.SERVING
        closing.start()
        assert next(said).status == health_pb2.HealthCheckResponse.NOT_SERVING
        said.cancel()
    closing.join()


def test_grpc_says_how_it_is_and_what_it_has(router):
    with grpc.insecure_channel(router.grpc_address) as channel:
        check = health_pb2_grpc.HealthStub(channel).Check
        status = check(health_pb2.HealthCheckRequest(service="arbiter.v1.Router")).status
        assert status == health_pb2.HealthCheckResponse.SERVING
        reflected = ProtoReflectionDescriptorDatabase(channel)
        assert "arbiter.v1.Router" in reflected.get_services()
        assert reflected.FindFileContainingSymbol("arbiter.v1.Router").package == "arbiter.v1"
