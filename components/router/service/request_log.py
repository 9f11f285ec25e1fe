"""One line of JSON per answered request and per refused call; what was said only where that is allowed."""

import logging

import msgspec

from components.router.api.answers import RouteAnswer
from components.router.service.errors import INTERNAL, ServiceError
from components.router.service.store import Routed
from components.router.service.watcher import Watcher

REQUESTS = logging.getLogger("arbiter.requests")
_encode = msgspec.json.Encoder().encode


class RequestLog(Watcher):
    """Logs to `REQUESTS`.

    Args:
        utterances: Whether the lines hold them.
    """

    def __init__(self, *, utterances: bool) -> None:
        self._utterances = utterances

    def answered(self, routed: Routed, answer: RouteAnswer, seconds: float) -> None:
        if not REQUESTS.isEnabledFor(logging.INFO):
            return
        line: dict[str, object] = {
            "event": "routed",
            "request_id": answer.request_id,
            "ms": round(seconds * 1e3, 3),
            "accepted": answer.accepted,
            "skill_id": routed.chosen,
            "confidence": answer.hypotheses[0].confidence if answer.hypotheses else None,
            "models": routed.models,
        }
        if answer.degraded:
            line["degraded"] = answer.degraded
        if answer.explored:
            line["explored"] = True
        if self._utterances:
            line["utterance"] = routed.request.utterance
        REQUESTS.info("%s", _encode(line).decode())

    def refused(self, error: ServiceError) -> None:
        if REQUESTS.isEnabledFor(logging.INFO):
            line: dict[str, object] = {"event": "refused", "status": error.status.http}
            if error.status is INTERNAL:
                line["error"] = str(error)
            REQUESTS.info("%s", _encode(line).decode())
