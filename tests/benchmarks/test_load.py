"""The load generator against servers of which it is known what they do."""

import asyncio
import time
from pathlib import Path
from typing import NamedTuple

import pytest

from benchmarks.cost.decision_process import Asked
from benchmarks.load import shadow
from benchmarks.load.generator import Generator, Outcome, Phase
from benchmarks.load.measure import Measured, milliseconds
from benchmarks.load.page import write_page
from components.records.models_config import MODELS_CONFIG, ModelConfig, write_models_config
from components.records.request import Request
from components.records.version_folder import install
from components.router.service.rollout.tally import ROLLOUTS, Counts
from components.router.standing import StandingRollout
from pipelines.workspace import Workspace

BODY = b'{"request_id":"r","accepted":true,"hypotheses":[{"skill_id":"a","domain":"d","confidence":0.5}]}'
ASKED = [Asked(Request(request_id="r", utterance="play"), ("a",))]


class Answers(asyncio.Protocol):
    """Answers each request so much later; `stall` holds all up once, as a pause of the process would."""

    status = b"200 OK"

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        head = b"HTTP/1.1 " + self.status + b"\r\nContent-Length: " + str(len(BODY)).encode()
        self.transport.write(head + b"\r\n\r\n" + BODY)


class Refuses(Answers):
    status = b"429 Too Many Requests"


def outcome_of(protocol, phase, *, stall_s=0.0):
    async def run():
        loop = asyncio.get_running_loop()
        server = await loop.create_server(protocol, "127.0.0.1", 0)
        host, port = server.sockets[0].getsockname()
        generator = Generator([f"{host}:{port}"], ASKED)
        if stall_s:
            loop.call_later(0.1, time.sleep, stall_s)
        outcome = await generator.run(phase)
        generator.close()
        server.close()
        return outcome

    return asyncio.run(run())


def test_an_open_loop_sends_at_its_rate():
    outcome = outcome_of(Answers, Phase(rate=200.0, seconds=1.0))
    assert 140 < outcome.sent < 260
    assert (len(outcome.accepted), outcome.failed, outcome.hits) == (outcome.sent, 0, outcome.sent)
    assert Measured(outcome, 1.0).top1 == 1.0


def test_a_stall_is_paid_for_by_all_that_were_due_meanwhile():
    outcome = outcome_of(Answers, Phase(rate=300.0, seconds=1.0), stall_s=0.4)
    late = [took for took in outcome.accepted if took > 0.1]
    assert len(late) > 50  # about 90 were due in the 0.3 s that count; a closed loop would have seen one


def test_refusals_are_counted_apart():
    outcome = outcome_of(Refuses, Phase(rate=100.0, seconds=0.3))
    assert (len(outcome.refused), outcome.accepted) == (outcome.sent, [])
    assert Measured(outcome, 0.3).lost == 1.0


def test_a_closed_loop():
    outcome = outcome_of(Answers, Phase(connections=3, seconds=0.2))
    assert outcome.sent == len(outcome.accepted) > 3


def test_percentiles():
    assert milliseconds([], 99) is None
    assert milliseconds([0.001, 0.003], 50) == pytest.approx(2.0)


def test_the_page_says_what_is_met(tmp_path):
    names = (
        "closed_rps",
        "cpu_ms_a_request",
        "sustainable_rps_per_core",
        "p99_ms_half_load",
        "p99_ms_overload",
        "accepted_rps_overload",
        "refused_share_overload",
        "refused_p99_ms_overload",
        "failed_overload",
        "generator_late_p99_ms_overload",
        "p99_ms_recovered",
        "rss_growth_overload_mb",
        "rss_mb",
        "start_s",
        "shadow_rps",
        "shadow_asked_share",
        "cpu_ms_a_request_without_shadow",
        "cpu_ms_a_request_shadow",
        "p50_ms_without_shadow",
        "p50_ms_shadow",
        "p99_ms_without_shadow",
        "p99_ms_shadow",
        "rss_mb_shadow",
    )
    figures = dict.fromkeys(names, 5.0) | {"skills": 7, "domains": 3, "cores": 2}
    write_page(tmp_path, figures, command="arbiter bench serving", before=1.0, generators=2)
    page = (tmp_path / "serving.md").read_text()
    assert "| sustained requests a second and core | 5.0 | ≥ 300 | no |" in page
    assert "| from the start to the first answer | 5.0 s | ≤ 2 s | no |" in page
    assert "| p99 at half of that | 5.0 ms | ≤ 10 ms | yes |" in page


class Routers(NamedTuple):
    """Routers that count what a shadow of theirs did, once there is one, and a load that they bear."""

    work: Path
    asked: list[Phase]

    def cpu_s(self):
        return float(len(self.asked) * (2 if self.rollout() else 1))

    def rss_mb(self):
        return 7.0

    def rollout(self):
        return StandingRollout(self.work / "serving").beside({"music": 1})

    def run(self, phase):
        self.asked.append(phase)
        if (rollout := self.rollout()) is not None:
            counts = Counts(Workspace.at(self.work).feedback / ROLLOUTS, "router-0")
            counts.shadowed(rollout.id, requests=3, dropped=1)
            counts.close()
        count = round(phase.rate * (phase.seconds - phase.skip_s))
        return Measured(
            Outcome(sent=count, failed=0, hits=0, accepted=[0.004] * count, refused=[], late=[]),
            phase.seconds - phase.skip_s,
        )


def test_what_a_shadow_costs(tmp_path, monkeypatch):
    monkeypatch.setattr(shadow, "_WRITTEN_S", 0.0)
    draft, base = tmp_path / "draft", tmp_path / "serving" / "music"
    draft.mkdir()
    (draft / "saved_model.pb").write_bytes(b"model")
    install(draft, base, 1)
    config = ModelConfig(name="music", base_path=str(base), versions=(1,), labels={"stable": 1})
    write_models_config(tmp_path / "serving" / MODELS_CONFIG, (config,))
    routers = Routers(tmp_path, [])
    found = shadow.shadow_cost(tmp_path, [routers], routers, rate=20.0, seconds=1.0)
    assert (found["shadow_asked_share"], found["p99_ms_shadow"], found["rss_mb_shadow"]) == (0.75, 4.0, 7.0)
    assert found["cpu_ms_a_request_without_shadow"] == 50.0  # a second, of 20 answers
    assert found["cpu_ms_a_request_shadow"] == 100.0
    assert (base / "2" / "saved_model.pb").read_bytes() == b"model"
    assert (routers.rollout().mode, routers.rollout().models) == ("shadow", {"music": 2})
