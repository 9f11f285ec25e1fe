"""A line per answered request, without what was said where that is not allowed, and per refused call; but not
per call that was one too many, which the metrics count."""

import logging

from components.router.api.answers import RouteAnswer
from components.router.service.errors import OVERLOADED, ServiceError
from components.router.service.json_log import FIELDS
from components.router.service.store import Routed
from components.router.service.watcher import Watcher

REQUESTS = logging.getLogger("arbiter.requests")


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
        if answer.arm:
            line["arm"] = answer.arm
        if routed.live is not None and routed.live.fell_back:
            line["fell_back"] = True
        if answer.explored:
            line["explored"] = True
        if self._utterances:
            line["utterance"] = routed.request.utterance
        REQUESTS.info("routed", extra={FIELDS: line})

    def refused(self, error: ServiceError) -> None:
        if error.status is not OVERLOADED and REQUESTS.isEnabledFor(logging.INFO):
            line = {"event": "refused", "status": error.status.http}
            REQUESTS.info("refused", extra={FIELDS: line})
