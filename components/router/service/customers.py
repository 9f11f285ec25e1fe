"""What a call leaves out, from what the router knows of the customer."""

import logging
import uuid
from typing import NamedTuple

from components.records.examples import micros
from components.records.fields import require_utc
from components.records.request import Request
from components.router.api.calls import RouteCall
from components.router.service.store import Store, StoreError, now

STORE = "store"
"""In an answer's `degraded`: the store did not answer, so that nothing was known of the customer."""

_log = logging.getLogger("arbiter.router")


class LiveRequest(NamedTuple):
    """A request as the models read it.

    Attributes:
        lacking: `STORE` where that did not answer.
    """

    request: Request
    lacking: tuple[str, ...] = ()


def live_request(call: RouteCall, store: Store | None) -> LiveRequest:
    """The request of a call; what it brings wins over what the store knows.

    Raises:
        RecordError: It breaks a rule of the dataset.
    """
    timestamp = now() if call.timestamp is None else require_utc("timestamp", call.timestamp)
    enabled, recent = call.enabled_skills, call.recent
    lacking: tuple[str, ...] = ()
    if store is not None and call.customer_id:
        try:
            if enabled is None:
                enabled = store.enabled(call.customer_id)
            if recent is None:
                at = micros(timestamp)
                recent = store.uses(call.customer_id, at).before(at)
        except StoreError as error:
            _log.error("the store does not answer: %s", error)
            lacking = (STORE,)
    return LiveRequest(
        call.request(
            request_id=uuid.uuid4().hex if call.request_id is None else call.request_id,
            timestamp=timestamp,
            enabled_skills=enabled or (),
            recent=recent or (),
        ),
        lacking,
    )
