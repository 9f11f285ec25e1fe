"""What feedback says of the requests of a rollout's stage."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from components.router.service.feedback.journal import Line, days, last_lines


def lines_of(journal: Path, stage: str, since: datetime) -> Iterator[Line]:
    """The journal's lines on requests of a stage; of each request what was said last.

    Args:
        since: When the stage began; days that nothing was written to since then are not read.
    """
    for day in days(journal):
        files = (journal / day.isoformat()).glob("*.jsonl")
        if any(path.stat().st_mtime >= since.timestamp() for path in files):
            for line in last_lines(journal, day):
                if line.live is not None and line.live.rollout == stage:
                    yield line


def customer_of(line: Line) -> str:
    """Who: a request without a customer is one of its own."""
    record = line.record
    return f"r:{record.request_id}" if record.customer_id is None else f"c:{record.customer_id}"


def went_well(line: Line) -> bool | None:
    """Whether the answer was right, as far as its outcome tells; None: it tells nothing.

    It was where the skill that the router accepted handled the request, or where it refused what no skill can
    serve.
    """
    record, live = line.record, line.live
    if live is None or record.outcome in (None, "unknown"):
        return None
    if record.outcome == "out_of_scope":
        return not live.accepted
    chosen = record.routing.chosen if record.routing is not None else None
    return live.accepted and record.outcome == "handled" and record.skill_id == chosen
