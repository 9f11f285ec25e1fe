"""Sends requests to a router and notes what became of each.

    python -m benchmarks.load.generator HOST:PORT,HOST:PORT REQUESTS < PHASES > OUTCOMES

REQUESTS: JSON lines (`Asked`). PHASES: JSON lines (`Phase`), each run as it is read, and answered by a line
(`Outcome`). In an open loop requests are sent at times that are drawn beforehand (Poisson), whatever became
of those before, and latency counts from that time, so that a server that stalls pays for all that would have
come meanwhile (no coordinated omission). In a closed loop each connection sends when it has its answer.
"""

import asyncio
import itertools
import sys
import time
from collections import deque
from collections.abc import Sequence
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
    """What became of the requests of a phase.

    Attributes:
        sent, failed, hits: Requests; those neither answered nor refused; those whose first skill is right.
        accepted, refused: Seconds that each answered and each refused (429) request took.
        late: Seconds that the generator itself was late with each.
    """

    sent: int
    failed: int
    hits: int
    accepted: list[float]
    refused: list[float]
    late: list[float]


class Generator:
    """Sends requests over connections that it keeps, to each address in its turn.

    Args:
        addresses: `host:port` each.
        asked: Sent over and over, in their order.
    """

    def __init__(self, addresses: Sequence[str], asked: list[Asked]) -> None:
        self._addresses = addresses
        self._bodies = [to_json(each.request) for each in asked]
        self._right = [frozenset(each.right) for each in asked]
        self._next = 0
        self._idle: list[deque[Connection]] = [deque() for _ in addresses]
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
        return Outcome(
            sent=self._sent,
            failed=self._failed,
            hits=self._hits,
            accepted=self._latencies,
            refused=self._refusals,
            late=self._late,
        )

    def close(self) -> None:
        for connection in itertools.chain(*self._idle):
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
        self._next += 1
        number, to = self._next % len(self._bodies), self._next % len(self._addresses)
        counted = due >= self._counted_from
        try:
            connection = await self._connection(to)
            if counted:
                self._sent += 1
                self._late.append(time.perf_counter() - due)
            reply = await connection.post(self._bodies[number])
        except OSError:
            self._open -= 1
            self._failed += counted
            return
        took = time.perf_counter() - due
        self._idle[to].append(connection)
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

    async def _connection(self, to: int) -> Connection:
        while self._idle[to]:
            connection = self._idle[to].pop()
            if not connection.closed:
                return connection
            self._open -= 1
        if self._open >= _MOST_CONNECTIONS:
            raise ConnectionRefusedError("too many connections")
        self._open += 1
        address = self._addresses[to]
        host, _, port = address.rpartition(":")
        _, made = await asyncio.get_running_loop().create_connection(
            lambda: Connection(address, PATH), host, int(port)
        )
        return made


async def _main(addresses: Sequence[str], requests: Path) -> None:
    with requests.open("rb") as lines:
        generator = Generator(addresses, [msgspec.json.decode(line, type=Asked) for line in lines])
    for line in sys.stdin:
        outcome = await generator.run(msgspec.json.decode(line, type=Phase))
        print(msgspec.json.encode(outcome).decode(), flush=True)
    generator.close()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_main(sys.argv[1].split(","), Path(sys.argv[2])))
