"""Clients of several routers: a request that one does not answer goes to the next, as with a balancer."""

import heapq
import http.client
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from typing import NamedTuple

import msgspec

from components.router.api.answers import RouteAnswer
from components.router.api.calls import FeedbackCall, RouteCall

COUNTED = (
    "requests",
    "answered",
    "by another router",
    "degraded",
    "failed",
    "of two versions",
    "of another skill",
    "feedback acknowledged",
    "feedback put off",
    "feedback given up",
)
"""What is counted of every scene; beside it why requests failed."""

_PATIENCE_S = 5.0
"""How long a request looks for a router that answers it."""
_CALL_S = 3.0
_PAUSE_S = 0.02
_FEEDBACK_AFTER_S = 0.3
_AGAIN_S, _MOST_TIMES = 0.5, 20
_BUSY = (429, 503)
_LATER = (404, 507)
"""Feedback is said again: the router that knows of the request may not have stored it yet."""
_encode = msgspec.json.Encoder().encode
_answers = msgspec.json.Decoder(RouteAnswer)


class Said(NamedTuple):
    """A reply, and which router it is of."""

    status: int
    body: bytes
    router: int


class _Routers:
    """One thread's connections."""

    def __init__(self, addresses: Sequence[str]) -> None:
        self._addresses = addresses
        self._open: dict[int, http.client.HTTPConnection] = {}

    def post(self, router: int, path: str, body: bytes) -> Said:
        """Raises `OSError` or `HTTPException` where it does not answer."""
        connection = self._open.get(router)
        if connection is None:
            connection = self._open[router] = http.client.HTTPConnection(
                self._addresses[router], timeout=_CALL_S
            )
        try:
            connection.request("POST", path, body)
            reply = connection.getresponse()
            return Said(reply.status, reply.read(), router)
        except (OSError, http.client.HTTPException):
            self.drop(router)
            raise

    def drop(self, router: int) -> None:
        connection = self._open.pop(router, None)
        if connection is not None:
            connection.close()

    def close(self) -> None:
        for router in list(self._open):
            self.drop(router)


class Clients:
    """Asks and says what came of it, at a steady rate, until closed.

    Args:
        addresses: Of the routers' REST APIs, asked in turns.
        calls: Asked over and over; whenever the whole system answers, the first skill must be the same.
        rate: Requests a second, of all threads.
        threads: That ask.

    Attributes:
        counts: By scene: what became of its requests and of its feedback.
        acknowledged: By request id, the outcome that a router said is on disk.
        versions: By router, the version of each model that answered last.
        longest: By scene, the most seconds that a request looked for its answer.
    """

    def __init__(self, addresses: Sequence[str], calls: Sequence[RouteCall], *, rate: float, threads: int):
        self.counts: defaultdict[str, Counter[str]] = defaultdict(Counter)
        self.acknowledged: dict[str, str] = {}
        self.versions: list[dict[str, int]] = [{} for _ in addresses]
        self.longest: defaultdict[str, float] = defaultdict(float)
        self._addresses = addresses
        self._calls = calls
        self._every = threads / rate
        self._scene = ""
        self._lock = threading.Lock()
        self._first: dict[int, str] = {}
        self._due: list[tuple[float, str, str, int]] = []
        self._stopping = threading.Event()
        self._threads = [
            threading.Thread(target=self._ask_on, args=(n, threads), daemon=True) for n in range(threads)
        ]
        self._threads.append(threading.Thread(target=self._tell_on, daemon=True))

    def scene(self, name: str) -> Counter[str]:
        """What happens from now on counts to this scene. Returns its counts."""
        self._scene = name
        return self.counts[name]

    def start(self) -> None:
        """The scene is set before."""
        for thread in self._threads:
            thread.start()

    def close(self) -> None:
        """Ends when the requests under way have ended."""
        self._stopping.set()
        for thread in self._threads:
            thread.join()

    def _ask_on(self, own: int, threads: int) -> None:
        routers = _Routers(self._addresses)
        number = own
        due = time.monotonic()
        while not self._stopping.wait(max(due - time.monotonic(), 0.0)):
            self._ask(routers, number)
            number += threads
            due = max(due + self._every, time.monotonic() - self._every)
        routers.close()

    def _ask(self, routers: _Routers, number: int) -> None:
        which, scene = number % len(self._calls), self._scene
        call = msgspec.structs.replace(self._calls[which], request_id=f"q{number}")
        started = time.monotonic()
        said, tries, why = self._try(routers, number, "/v1/route", _encode(call))
        took = time.monotonic() - started
        with self._lock:
            counts = self.counts[scene]
            counts["requests"] += 1
            self.longest[scene] = max(self.longest[scene], took)
            if said is None or said.status != 200:
                counts["failed"] += 1
                counts[f"failed: {why if said is None else said.status}"] += 1
                return
            counts["answered"] += 1
            counts["by another router"] += tries > 1
            answer = _answers.decode(said.body)
            self._look(counts, which, answer, said.router)
            outcome = "handled" if answer.accepted else "out_of_scope"
            heapq.heappush(self._due, (time.monotonic() + _FEEDBACK_AFTER_S, f"q{number}", outcome, 1))

    def _try(self, routers: _Routers, number: int, path: str, body: bytes) -> tuple[Said | None, int, str]:
        """The first reply that does not say "busy", how many tries it took, and why others failed."""
        until = time.monotonic() + _PATIENCE_S
        tries, why = 0, ""
        while time.monotonic() < until:
            router = (number + tries) % len(self._addresses)
            tries += 1
            try:
                said = routers.post(router, path, body)
            except (OSError, http.client.HTTPException) as error:
                why = type(error).__name__
            else:
                if said.status not in _BUSY:
                    return said, tries, why
                why = str(said.status)
            if tries % len(self._addresses) == 0:
                time.sleep(_PAUSE_S)
        return None, tries, why

    def _look(self, counts: "Counter[str]", which: int, answer: RouteAnswer, router: int) -> None:
        versions = {each.model: each.version for each in answer.models}
        counts["of two versions"] += len(versions) < len(answer.models)
        counts["degraded"] += bool(answer.degraded)
        self.versions[router].update(versions)
        if not answer.degraded:
            best = answer.hypotheses[0].skill_id
            counts["of another skill"] += self._first.setdefault(which, best) != best

    def _tell_on(self) -> None:
        routers = _Routers(self._addresses)
        number = 0
        while not self._stopping.is_set():
            with self._lock:
                due = heapq.heappop(self._due) if self._due and self._due[0][0] <= time.monotonic() else None
            if due is None:
                self._stopping.wait(_PAUSE_S)
                continue
            number += 1
            self._tell(routers, number, *due[1:])
        routers.close()

    def _tell(self, routers: _Routers, number: int, request_id: str, outcome: str, times: int) -> None:
        scene = self._scene
        body = _encode(FeedbackCall(request_id=request_id, outcome=outcome))
        said, _, _ = self._try(routers, number, "/v1/feedback", body)
        with self._lock:
            counts = self.counts[scene]
            if said is not None and said.status == 200:
                counts["feedback acknowledged"] += 1
                self.acknowledged[request_id] = outcome
            elif times < _MOST_TIMES and (said is None or said.status in _LATER):
                counts["feedback put off"] += 1
                again = (time.monotonic() + _AGAIN_S, request_id, outcome, times + 1)
                heapq.heappush(self._due, again)
            else:
                counts["feedback given up"] += 1
