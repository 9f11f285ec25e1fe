"""The Shortlister's candidates for requests, and whom a request names outright."""

from collections.abc import Sequence
from typing import NamedTuple

from components.records.named import Named
from components.records.offered import offers
from components.records.request import Request
from components.records.shortlister_signature import (
    SHORTLISTER,
    read_reject,
    read_shortlist,
    shortlister_inputs,
)
from components.router.models import Answer, Models, Release


class Candidate(NamedTuple):
    """A skill that the Shortlister proposes.

    Attributes:
        score: Log-odds that it is right.
    """

    skill_id: str
    domain: str
    score: float


class Shortlist(NamedTuple):
    """What the Shortlister says of one request.

    Attributes:
        candidates: Best first, each skill once.
        reject: Log-odds that no skill can serve the request; None where the model has not learnt to refuse.
        named: The skill that the request names outright, which decides, and the text that models read then.
        release: The version that answered.
    """

    candidates: list[Candidate]
    reject: float | None
    named: Named | None
    release: Release


def shortlists(models: Models, requests: Sequence[Request], *, k: int) -> list[Shortlist]:
    """The candidates of each request, in the requests' order; of one that says which skills it may be routed
    to the best of those.

    Args:
        k: Candidates of a request; fewer where the model knows fewer.

    Raises:
        ValueError: `k` is not positive, or the model names a skill that its manifest lacks.
    """
    if not requests:
        return []
    named, answer = _ask(models, requests, k)
    rows, rejects = read_shortlist(answer.outputs), read_reject(answer.outputs)
    return [
        Shortlist(_candidates(row, answer.release, request, k), reject, name, answer.release)
        for row, reject, name, request in zip(rows, rejects, named, requests, strict=True)
    ]


def _ask(models: Models, requests: Sequence[Request], k: int) -> tuple[list[Named | None], Answer]:
    """Whom each request names, and what the Shortlister says.

    The version that answers decides what is a name; where it is not the one expected, it is asked again.
    """
    expected = models.current(SHORTLISTER)
    choosy = any(request.skills for request in requests)
    while True:
        named = [_named(expected, request) for request in requests]
        asked = len(expected.manifest.skill_ids) if choosy else k
        texts = [
            request.utterance if name is None else name.text
            for request, name in zip(requests, named, strict=True)
        ]
        answer = models.run(SHORTLISTER, shortlister_inputs(requests, k=asked, texts=texts))
        if answer.release.version == expected.version:
            return named, answer
        expected = answer.release


def _named(release: Release, request: Request) -> Named | None:
    """Whom the request names, of those that it may be routed to."""
    named = release.name_rule(request.utterance)
    return named if named is not None and offers(request, named.skill_id) else None


def _candidates(row: list[tuple[str, float]], release: Release, request: Request, k: int) -> list[Candidate]:
    found: dict[str, Candidate] = {}
    offered = {skill.skill_id for skill in request.skills}
    for skill_id, score in row:
        if len(found) == k:
            break
        if offered and skill_id not in offered:
            continue
        if skill_id not in release.domains:
            raise ValueError(
                f"{release.model}, version {release.version}, names a skill that its manifest lacks. "
                f"Received: {skill_id!r}"
            )
        if skill_id not in found:  # best first: the first of a skill is its best
            found[skill_id] = Candidate(skill_id, release.domains[skill_id], score)
    return list(found.values())
