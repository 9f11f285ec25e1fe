"""A shadow: candidates are asked what was answered already, when nobody waits for the router."""

import logging
import queue
import threading
import time
from collections.abc import Callable

import msgspec

from components.records.prediction import Prediction
from components.router.api.answers import RouteAnswer
from components.router.api.calls import TOP
from components.router.service.core import RouterCore
from components.router.service.deadline import Deadline
from components.router.service.desk import Desk
from components.router.service.errors import ServiceError
from components.router.service.rollout.tally import Counts
from components.router.service.store import Routed
from components.router.service.watcher import Watcher

_log = logging.getLogger("arbiter.router")
_LOOK_S = 0.2
_BUSY_S = 0.001


class Shadow(Watcher):
    """Asks the candidates, one request at a time, on a thread of its own, and keeps what they say with the
    request. Requests that come faster are dropped and counted: no answer waits.

    Args:
        counts: Of what the shadow did.
        remember: Keeps a routed request again, with what the shadow says.
        most: That wait.
    """

    def __init__(self, counts: Counts, remember: Callable[[Routed], None], *, most: int = 64) -> None:
        self._counts = counts
        self._remember = remember
        self._waiting: queue.Queue[Routed] = queue.Queue(most)
        self._stopping = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, desk: Desk) -> None:
        """Begins; until then requests wait."""
        self._thread = threading.Thread(target=self._run, args=(desk,), name="shadow", daemon=True)
        self._thread.start()

    def answered(self, routed: Routed, answer: RouteAnswer, seconds: float) -> None:
        if routed.live is not None and routed.live.served is not None:
            try:
                self._waiting.put_nowait(routed)
            except queue.Full:
                self._counts.shadowed(routed.live.rollout, dropped=1)

    def close(self) -> None:
        """Ends; what waits is dropped."""
        self._stopping.set()
        if self._thread is not None:
            self._thread.join()

    def _run(self, desk: Desk) -> None:
        while not self._stopping.is_set():
            try:
                routed = self._waiting.get(timeout=_LOOK_S)
            except queue.Empty:
                continue
            while desk.gate.inside and not self._stopping.wait(_BUSY_S):
                pass  # whoever waits for an answer comes first
            try:
                self._ask(desk.core, routed)
            except Exception:  # whatever a shadow does, the next request is asked
                _log.exception("the shadow failed")

    def _ask(self, core: RouterCore, routed: Routed) -> None:
        live, arms = routed.live, core.arms
        if live is None or live.served is None or arms.shadow is None or arms.shadow.id != live.rollout:
            return  # it ended meanwhile
        started = time.perf_counter()
        try:
            decided = core.decider.decide_tried(arms, [routed.request], TOP, Deadline(core.options.timeout_s))
        except ServiceError:
            decided = None
        if decided is None:
            self._counts.shadowed(live.rollout, fell_back=1, requests=1)
            return
        said = decided.decisions[0].prediction
        self._counts.shadow_took(live.rollout, time.perf_counter() - started)
        self._counts.shadowed(
            live.rollout,
            requests=1,
            accepted=int(said.accepted),
            degraded=int(bool(decided.degraded)),
            agreed=int(chosen(said) == chosen(live.served)),
        )
        self._remember(msgspec.structs.replace(routed, live=msgspec.structs.replace(live, shadow=said)))


def chosen(prediction: Prediction) -> str | None:
    """The skill that it would act on; None: it refuses."""
    best = prediction.best
    return best.skill_id if prediction.accepted and best is not None else None
