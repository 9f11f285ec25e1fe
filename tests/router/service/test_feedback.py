"""The loop: a routed request, its feedback, and the dataset that a run reads."""

import json
import random
from urllib.parse import quote

import grpc
import httpx
import msgspec
import pytest

from components.records.examples import request_from
from components.records.prediction import Hypothesis
from components.router.api import router_pb2 as pb
from components.router.api import router_pb2_grpc
from components.router.service.explore import choose
from components.router.service.feedback import journal as journal_module
from components.router.service.in_process import InProcess
from components.router.service.options import RouterOptions
from components.router.service.service import RouterServer
from components.router.service.store.open import open_store
from tests.ingest.dataset import run
from tests.router.service.conftest import VERSIONS
from tests.whole_system import CATALOGUE


@pytest.fixture
def routed(serving, tmp_path):
    """Starts a router of a folder; the tests of restarts start it twice."""
    running = []

    def start(**options):
        server = RouterServer(
            InProcess(serving),
            RouterOptions(**options),
            store=open_store(tmp_path / "router" / "store.sqlite"),
            feedback=tmp_path / "router" / "feedback",
            requests=tmp_path / "data" / "requests",
        )
        running.append(server.start())
        return server, httpx.Client(base_url=f"http://{server.http_address}")

    yield start
    for server in running:
        server.close()


def lines(tmp_path):
    """Of all request files."""
    found = [path.read_bytes() for path in sorted((tmp_path / "data" / "requests").glob("*.jsonl"))]
    return [json.loads(line) for line in b"".join(found).splitlines()]


REQUEST = {
    "request_id": "r1",
    "utterance": "book a room in lima",
    "timestamp": "2026-05-01T12:00:00Z",
    "device": "tv",
    "customer_id": "c1",
    "enabled_skills": ["hotel_1"],
}


def test_feedback_becomes_a_record_that_ingest_reads(routed, tmp_path):
    server, client = routed()
    answer = client.post("/v1/route", json=REQUEST).json()
    best = answer["hypotheses"][0]["skill_id"]
    said = client.post("/v1/feedback", json={"request_id": "r1", "outcome": "rejected"})
    assert (said.status_code, said.json()) == (200, {"request_id": "r1"})
    slots = [{"name": "city", "value": "lima", "start": 15, "end": 19}]
    final = {"request_id": "r1", "outcome": "handled", "skill_id": "hotel_2", "intent": "Book"}
    assert client.post("/v1/feedback", json=final | {"slots": slots}).status_code == 200
    with grpc.insecure_channel(server.grpc_address) as channel:
        stub = router_pb2_grpc.RouterStub(channel)
        stub.Route(pb.RouteRequest(request_id="r2", utterance="play jazz", customer_id="c1"))
        stub.Feedback(pb.FeedbackRequest(request_id="r2", outcome="out_of_scope"))
    server.close()
    first, second = lines(tmp_path)
    models = {each["model"]: each["version"] for each in answer["models"]}
    assert first == REQUEST | {
        "skill_id": "hotel_2",
        "intent": "Book",
        "slots": slots,
        "outcome": "handled",
        "routing": {"chosen": best, "models": models, "propensity": 1.0},
        "context": {},
    }
    assert (second["request_id"], second["outcome"]) == ("r2", "out_of_scope")
    assert "recent" not in second  # the months between are more than what counts as lately
    skills = b"".join(msgspec.json.encode(skill) + b"\n" for skill in CATALOGUE)
    (tmp_path / "data" / "catalogue.jsonl").write_bytes(skills)
    result = run(tmp_path / "data", tmp_path / "out")
    assert (result.report.records_out, result.report.dead) == (2, 0)
    ingested = request_from(result.by_id["r1"])
    assert ingested.routing.models == {name: VERSIONS[name] for name in models}
    assert ingested.routing.propensity == 1.0
    assert ingested.skill_id == "hotel_2"


def test_what_a_customer_used_is_recent_in_the_next_request(routed, tmp_path):
    server, client = routed()
    client.post("/v1/route", json=REQUEST)
    client.post("/v1/feedback", json={"request_id": "r1", "outcome": "handled", "skill_id": "hotel_1"})
    times = ("2026-05-01T12:00:00Z", "2026-05-01T12:00:01Z")  # at the first it was not yet used
    for time in times:
        call = {"utterance": "again", "customer_id": "c1", "timestamp": time, "request_id": time}
        client.post("/v1/route", json=call)
        client.post("/v1/feedback", json={"request_id": time, "outcome": "unknown"})
    server.close()
    recent = {line["request_id"]: line.get("recent") for line in lines(tmp_path)}
    assert [recent[time] for time in times] == [None, [{"skill_id": "hotel_1", "timestamp": times[0]}]]


def test_feedback_finds_requests_of_before_a_restart(routed, tmp_path):
    server, client = routed()
    client.post("/v1/route", json=REQUEST)
    server.close()
    server, client = routed()
    said = client.post("/v1/feedback", json={"request_id": "r1", "outcome": "out_of_scope"})
    assert said.status_code == 200
    server.close()
    assert [line["outcome"] for line in lines(tmp_path)] == ["out_of_scope"]


@pytest.mark.parametrize(
    ("feedback", "status", "words"),
    [
        ({"request_id": "never", "outcome": "handled"}, 404, "no request of that id"),
        ({"request_id": "r1", "outcome": "good"}, 400, "`outcome` must be one of"),
        ({"request_id": "r1", "outcome": "out_of_scope", "skill_id": "radio"}, 400, "names no right skill"),
        ({"request_id": "r1", "outcome": "unknown", "skill_id": "radio"}, 400, "says nothing of a skill"),
        ({"request_id": "", "outcome": "handled"}, 400, "`request_id`"),
        ({"outcome": "handled"}, 400, "`request_id` is required"),
        (
            {
                "request_id": "r1",
                "outcome": "handled",
                "slots": [{"name": "city", "value": "rome", "start": 0, "end": 4}],
            },
            400,
            "slots[0]",
        ),
    ],
)
def test_what_is_wrong_with_feedback_is_said(routed, tmp_path, feedback, status, words):
    server, client = routed()
    client.post("/v1/route", json=REQUEST)
    said = client.post("/v1/feedback", json=feedback)
    assert (said.status_code, words in said.json()["error"]) == (status, True), said.text
    server.close()
    assert lines(tmp_path) == []


def test_a_full_disk_costs_the_feedback_and_nothing_else(routed, monkeypatch):
    _, client = routed()
    client.post("/v1/route", json=REQUEST)

    def full(file, content):
        raise OSError(28, "No space left on device", "/secret/place")

    monkeypatch.setattr(journal_module, "_write_all", full)
    said = client.post("/v1/feedback", json={"request_id": "r1", "outcome": "out_of_scope"})
    assert said.status_code == 507
    assert said.json() == {"error": "feedback cannot be stored now"}
    assert int(said.headers["retry-after"]) > 0
    assert client.post("/v1/route", json=REQUEST).status_code == 200


def hypothesis(skill, confidence):
    return Hypothesis(skill_id=skill, domain="d", confidence=confidence)


def test_exploration_is_as_likely_as_it_says():
    answer = (hypothesis("a", 0.8), hypothesis("b", 0.5), hypothesis("c", 0.4), hypothesis("d", 0.1))
    draw, share, rounds = random.Random(3), 0.3, 30_000
    counts, said = dict.fromkeys("abcd", 0), {}
    for _ in range(rounds):
        choice = choose(answer, share, draw)
        first = choice.hypotheses[0].skill_id
        counts[first] += 1
        said[first] = choice.propensity
        assert {h.skill_id for h in choice.hypotheses} == set("abcd")
    assert counts["d"] == 0  # not half as likely as the best
    assert said == pytest.approx({"a": 0.7 + 0.1, "b": 0.1, "c": 0.1})
    for skill, propensity in said.items():
        assert counts[skill] / rounds == pytest.approx(propensity, abs=0.01)


def test_without_exploration_the_best_is_first():
    answer = (hypothesis("a", 0.5), hypothesis("b", 0.5))
    assert choose(answer, 0.0, random.Random(1)) == (answer, False, 1.0)
    assert choose((), 0.5, random.Random(1)) == ((), False, 1.0)


def test_an_explored_choice_is_recorded_as_one(routed, tmp_path):
    server, client = routed(explore=1.0)
    seen = set()
    for number in range(20):
        call = REQUEST | {"request_id": f"r{number}", "utterance": f"play a song {number}"}
        answer = client.post("/v1/route", json=call).json()
        client.post("/v1/feedback", json={"request_id": f"r{number}", "outcome": "unknown"})
        seen.add((answer.get("explored", False), answer.get("propensity", 1.0)))
    server.close()
    recorded = {
        (line["routing"].get("explored", False), line["routing"].get("propensity", 1.0))
        for line in lines(tmp_path)
    }
    assert recorded == seen


def test_what_a_customer_has_enabled_is_kept_and_used(routed):
    _, client = routed()
    for customer in ("c1", "é😀", "a/b"):
        path = f"/v1/customers/{quote(customer, safe='/')}"
        assert client.get(path).json() == {"enabled_skills": []}
        kept = {"enabled_skills": ["hotel_2"]}
        assert client.put(path, json=kept).json() == client.get(path).json() == kept
    call = {"utterance": "book a room in lima", "explain": True}
    known = client.post("/v1/route", json={**call, "customer_id": "é😀"}).json()
    brought = client.post("/v1/route", json={**call, "enabled_skills": ["hotel_2"]}).json()
    assert [each["confidence"] for each in known["hypotheses"]] == pytest.approx(
        [each["confidence"] for each in brought["hypotheses"]], abs=1e-6
    )
    for wrong in ("%ff", "c1%c3"):  # else any such bytes would be one customer
        for said in (
            client.get(f"/v1/customers/{wrong}"),
            client.put(f"/v1/customers/{wrong}", json={"enabled_skills": []}),
        ):
            assert (said.status_code, said.json()) == (400, {"error": "`customer_id` must be UTF-8"})
