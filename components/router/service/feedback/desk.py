"""Takes feedback: joins it to the routed request, puts it on disk, says so."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC
from pathlib import Path

from components.records.examples import micros
from components.router.api.answers import FeedbackAnswer
from components.router.api.calls import FeedbackCall
from components.router.service.errors import FULL, UNAVAILABLE, UNKNOWN, ServiceError
from components.router.service.feedback.journal import Journal, Line
from components.router.service.feedback.record import record_of
from components.router.service.feedback.settle import Settler
from components.router.service.recall import Recall
from components.router.service.store import Store, StoreError, now

JOURNAL = "journal"

_log = logging.getLogger("arbiter.router")
_RETRY_S = 5.0


class FeedbackDesk:
    """Feedback on the requests that are remembered.

    Args:
        folder: Holds the journal.
        requests: Where records of it go: the folder `requests` of a dataset.
        recall: Finds routed requests.
        store: Is told of uses.
        settle_s: Time between two looks for what is to be written there.
        told: Told what was written.
    """

    def __init__(
        self,
        folder: Path,
        requests: Path,
        recall: Recall,
        store: Store,
        *,
        settle_s: float = 60.0,
        told: Callable[[Line], None] = lambda line: None,
    ) -> None:
        self._told = told
        self._recall = recall
        self._store = store
        self._journal = Journal(folder / JOURNAL)
        self._settler = Settler(folder / JOURNAL, requests)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(settle_s,), name="settle", daemon=True)
        self._thread.start()

    def take(self, call: FeedbackCall) -> FeedbackAnswer:
        """Returns when the feedback is on disk. Later feedback on a request replaces it.

        Raises:
            RecordError: It breaks a rule.
            ServiceError: No such request is known, or it cannot be written; then nothing was.
        """
        try:
            routed = self._recall.find(call.request_id)
        except StoreError as error:
            _log.error("feedback finds no request: %s", error)
            raise ServiceError(UNAVAILABLE, "the store does not answer", retry_s=_RETRY_S) from error
        if routed is None:
            raise ServiceError(UNKNOWN, "no request of that id was routed here lately")
        record = record_of(routed, call)
        received = now()
        day = (record.timestamp or received).astimezone(UTC).date()
        line = Line(received=micros(received), record=record, live=routed.live)
        try:
            self._journal.append(day, line)
        except OSError as error:
            _log.error("feedback cannot be written: %s", error)
            raise ServiceError(FULL, "feedback cannot be stored now", retry_s=_RETRY_S) from error
        self._told(line)
        try:
            self._store.used(record)
        except StoreError as error:
            _log.error("a use is not known of: %s", error)
        return FeedbackAnswer(request_id=call.request_id)

    @property
    def router(self) -> str:
        """A name that no other router has that writes here."""
        return self._journal.router

    def close(self) -> None:
        """Writes what is to be written."""
        self._stopping.set()
        self._thread.join()
        self._settle()
        self._journal.close()

    def _run(self, settle_s: float) -> None:
        self._settle()
        while not self._stopping.wait(settle_s):
            self._settle()

    def _settle(self) -> None:
        try:
            self._settler.settle()
        except OSError as error:
            _log.error("feedback is in the journal, but not in the dataset: %s", error)
