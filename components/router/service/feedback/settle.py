"""From the journal to request files of the dataset: of each request what was said last.

    REQUESTS/feedback-2026-11-21.jsonl      the requests of that day (UTC) that feedback is known of

A file is replaced as a whole when later feedback comes, so that a reader finds each request id at most once,
and the next run learns from what is known then. Of several routers each writes the files from all their
journals, one at a time, so that none puts back what it has read before another wrote.
"""

import fcntl
from datetime import date
from pathlib import Path

from components.records.atomic import atomic_write
from components.records.parse import to_json
from components.router.service.feedback.journal import days, records, size

_LOCK = "settle.lock"


class Settler:
    """Keeps the request files up to date with the journal.

    Args:
        journal: Its folder.
        requests: The folder of the request files.
    """

    def __init__(self, journal: Path, requests: Path) -> None:
        self._journal = journal
        self._requests = requests
        self._settled: dict[date, int] = {}

    def settle(self) -> int:
        """Writes the files of the days that have changed since the last time.

        Returns: How many records are in them.
        Raises:
            OSError: One cannot be written; it is as it was before.
        """
        self._journal.mkdir(parents=True, exist_ok=True)
        with (self._journal / _LOCK).open("wb") as turn:
            fcntl.flock(turn, fcntl.LOCK_EX)
            return self._settle()

    def _settle(self) -> int:
        written = 0
        for day in days(self._journal):
            so_far = size(self._journal, day)  # before it is read: what comes meanwhile is for the next time
            if self._settled.get(day) == so_far:
                continue
            found = records(self._journal, day)
            content = b"".join(to_json(record) + b"\n" for record in found)
            path = self._requests / f"feedback-{day.isoformat()}.jsonl"
            if found and not (path.is_file() and path.read_bytes() == content):
                atomic_write(path, content)
            self._settled[day] = so_far
            written += len(found)
        return written
