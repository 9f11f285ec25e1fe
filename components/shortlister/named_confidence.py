"""How far a name can be trusted: how often the skill that a request names outright is the right one."""

from collections.abc import Iterable
from pathlib import Path

from components.records.features import F
from components.records.invocation import InvocationIndex
from components.records.named import named_skill
from components.records.tfrecord import read_records
from components.records.wire import entries_of, pick

_READ = {name.encode(): name for name in (F.UTTERANCE, F.SKILL_ID, F.OUTCOME)}


def named_confidence(files: Iterable[Path], index: InvocationIndex) -> float | None:
    """(right + 1) / (n + 2) over the `n` requests of which it is known whether the name was right.

    An out-of-scope request is a wrong one, and a rejected one where the skill that failed is the named one.

    Args:
        files: Labelled requests.
        index: The names of all skills.

    Returns: The smoothed share, in (0, 1); None where there is no such request.
    """
    verdicts = [
        verdict
        for path in files
        for record in read_records(path)
        if (verdict := _verdict(pick(entries_of(record), _READ), index)) is not None
    ]
    return (sum(verdicts) + 1) / (len(verdicts) + 2) if verdicts else None


def _verdict(fields: dict[str, str], index: InvocationIndex) -> bool | None:
    """Whether the skill that the request names is right; None where it names none or nobody knows."""
    named = named_skill(fields[F.UTTERANCE], index)
    if named is None:
        return None
    outcome, skill_id = fields.get(F.OUTCOME), fields.get(F.SKILL_ID)
    if outcome == "out_of_scope":
        return False
    if outcome == "rejected":
        return False if skill_id == named.skill_id else None
    return None if skill_id is None else skill_id == named.skill_id
