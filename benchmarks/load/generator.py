"""Sends requests to a router and notes what became of each.

    python -m benchmarks.load.generator HOST:PORT REQUESTS < PHASES > OUTCOMES

REQUESTS: JSON lines (`Asked`). PHASES: JSON lines (`Phase`), each run as it is read, and answered by a line
(`Outcome`). In an open loop requests are sent at times that are drawn beforehand (Poisson), whatever became
of those before, and latency counts from that time, so that a server that stalls pays for all that would have
come meanwhile (no coordinated omission). In a closed loop each connection sends when it has its answer.
"""

import asyncio
import sys
import time
from collections import deque
from pathlib import Path

import msgspec
import numpy as np
import uvloop

from benchmarks.cost.decision_process import Asked
from benchmarks.load.connection import Connection
from components.records.parse import to_json
from components.router.api.answers import RouteAnswer

PATH = "/v1/route"
_MOST_CONNECTIONS = 2_000
_SETTLE_S = 5.0
_answers = msgspec.json.Decoder(RouteAnswer)


class Phase(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of load.

    Attributes:
        rate: Requests a second of an open loop; 0: a closed loop.
        connections: Of a closed loop.
        seconds: How long.
        seed: Of the times.
        skip_s: Requests of the start that are sent, but not counted.
    """

    rate: float = 0.0
    connections: int = 1
    seconds: float = 5.0
    seed: int = 1
    skip_s: float = 0.0


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What became of the requests of a phase. Times are milliseconds, None where there are none.

    Attributes:
        sent, accepted, refused, failed: Requests; `refused` with 429, `failed` in any other way.
        accepted_a_second: Over the phase.
        p50_ms, p99_ms, p999_ms: Of accepted requests.
        refused_p99_ms: Of refused ones.
        late_p99_ms: How late the generator itself was.
        top1: Share of accepted requests whose first skill is right.
    """

    sent: int
    accepted: int
    refused: int
    failed: int
    accepted_a_second: float
    p50_ms: float | None = None
    p99_ms: float | None = None
    p999_ms: float | None = None
    refused_p99_ms: float | None = None
    late_p99_ms: float | None = None
    top1: float | None = None


class Generator:
    """Sends requests over connections that it keeps.

    Args:
        address: `host:port`.
        asked: Sent over and over, in their order.
    """

    def __init__(self, address: str, asked: list[Asked]) -> None:
        self._address = address
        self._bodies = [to_json(each.request) for each in asked]
        self._right = [frozenset(each.right) for each in asked]
        self._next = 0
        self._idle: deque[Connection] = deque()
        self._open = 0

    async def run(self, phase: Phase) -> Outcome:
        """Runs one phase."""
        self._latencies: list[float] = []
        self._refusals: list[float] = []
        self._late: list[float] = []
        self._failed = self._sent = self._hits = 0
        started = time.perf_counter()
        self._counted_from = started + phase.skip_s
        if phase.rate:
            await self._open_loop(phase, started)
        else:
            until = started + phase.seconds
            await asyncio.gather(*(self._closed_loop(until) for _ in range(phase.connections)))
        return self._outcome(phase.seconds - phase.skip_s)

    def close(self) -> None:
        for connection in self._idle:
            connection.close()

    async def _open_loop(self, phase: Phase, started: float) -> None:
        rng = np.random.default_rng(phase.seed)
        gaps = rng.exponential(1.0 / phase.rate, size=int(phase.rate * phase.seconds * 1.2) + 100)
        times = np.cumsum(gaps)
        pending: set[asyncio.Task[None]] = set()
        for offset in times[times < phase.seconds].tolist():
            due = started + offset
            wait = due - time.perf_counter()
            if wait > 0.0:
                await asyncio.sleep(wait)
            task = asyncio.ensure_future(self._send(due))
            pending.add(task)
            task.add_done_callback(pending.discard)
        if pending:
            await asyncio.wait(pending, timeout=_SETTLE_S)
        for task in list(pending):
            task.cancel()
            self._failed += 1

    async def _closed_loop(self, until: float) -> None:
        while time.perf_counter() < until:
            await self._send(time.perf_counter())

    async def _send(self, due: float) -> None:
        number = self._next = (self._next + 1) % len(self._bodies)
        counted = due >= self._counted_from
        try:
            connection = await self._connection()
            if counted:
                self._sent += 1
                self._late.append(time.perf_counter() - due)
            reply = await connection.post(self._bodies[number])
        except OSError:
            self._open -= 1
            self._failed += counted
            return
        took = time.perf_counter() - due
        self._idle.append(connection)
        if not counted:
            return
        if reply.status == 200:
            self._latencies.append(took)
            best = _answers.decode(reply.body).hypotheses[:1]
            self._hits += any(each.skill_id in self._right[number] for each in best)
        elif reply.status == 429:
            self._refusals.append(took)
        else:
            self._failed += 1

    async def _connection(self) -> Connection:
        while self._idle:
            connection = self._idle.pop()
            if not connection.closed:
                return connection
            self._open -= 1
        if self._open >= _MOST_CONNECTIONS:
            raise ConnectionRefusedError("too many connections")
        self._open += 1
        host, _, port = self._address.rpartition(":")
        _, made = await asyncio.get_running_loop().create_connection(
            lambda: Connection(self._address, PATH), host, int(port)
        )
        return made

    def _outcome(self, seconds: float) -> Outcome:
        accepted = len(self._latencies)
        p50, p99, p999 = _percentiles(self._latencies, 50, 99, 99.9)
        return Outcome(
            sent=self._sent,
            accepted=accepted,
            refused=len(self._refusals),
            failed=self._failed,
            accepted_a_second=accepted / seconds,
            p50_ms=p50,
            p99_ms=p99,
            p999_ms=p999,
            refused_p99_ms=_percentiles(self._refusals, 99)[0],
            late_p99_ms=_percentiles(self._late, 99)[0],
            top1=self._hits / accepted if accepted else None,
        )


def _percentiles(seconds: list[float], *of: float) -> list[float | None]:
    if not seconds:
        return [None] * len(of)
    return [round(float(value) * 1e3, 3) for value in np.percentile(seconds, of)]


async def _main(address: str, requests: Path) -> None:
    with requests.open("rb") as lines:
        generator = Generator(address, [msgspec.json.decode(line, type=Asked) for line in lines])
    for line in sys.stdin:
        outcome = await generator.run(msgspec.json.decode(line, type=Phase))
        print(msgspec.json.encode(outcome).decode(), flush=True)
    generator.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(sys.argv[1], Path(sys.argv[2])))
