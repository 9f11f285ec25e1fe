"""A regression set: requests with the skill that each must reach, held against what the models answer."""

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import msgspec

from components.records.errors import RecordError
from components.records.parse import parse_request
from components.records.prediction import Prediction
from components.records.request import Request
from components.router.backend import workspace_models
from components.router.compose import compose
from components.router.predict_file import batches

Answered = tuple[Request, Prediction]


class Missed(msgspec.Struct, frozen=True, kw_only=True):
    """A request that did not reach its skill.

    Attributes:
        expected: The skills that are right; empty: it should have been refused.
        got: The best skill, refused or not; None where there is none.
        accepted: False where it was refused.
        confidence: Of the best skill.
        rank: Place of the best-placed right skill among those answered, from 1; None where there is none.
    """

    request_id: str
    utterance: str
    expected: tuple[str, ...]
    got: str | None
    accepted: bool
    confidence: float
    rank: int | None


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """How many requests of the set reached their skill, and those that did not, in the file's order."""

    requests: int
    reached: int
    missed: tuple[Missed, ...]


def parse_expectation(line: bytes, number: int) -> Request:
    """A request of the dataset form that says where it must go; `request_id` may be left out.

    Args:
        number: Of the line, from 1; names a request without an id.

    Raises:
        RecordError: It is no request, or says neither a right skill nor that no skill can serve it.
    """
    try:
        request = parse_request(line)
    except RecordError as error:
        if (error.reason, error.field) != ("missing_field", "request_id"):
            raise
        fields = msgspec.json.decode(line)
        request = parse_request(msgspec.json.encode({**fields, "request_id": f"line {number}"}))
    if not request.correct_skills and request.outcome != "out_of_scope":
        raise RecordError("missing_field", "skill_id", "must name the skill that the request is to reach")
    return request


def expect(
    work: Path,
    requests: Sequence[Request],
    *,
    top: int = 5,
    server: str | None = None,
    progress: Callable[[int], None] = lambda done: None,
) -> Outcome:
    """Answers the requests with the models in service and compares.

    Args:
        work: The workspace.
        requests: As `parse_expectation` gives them.
        top: Skills per answer; a right one beyond has no rank.
        server: `host:port` of a model server; None runs the models in this process.
        progress: Told the number of requests done, after each batch.

    Raises:
        ValueError: The workspace has no model in service.
        ServingError, ServableError: A model refused or did not answer.
    """
    answered: list[Answered] = []
    with workspace_models(work, server) as models:
        for batch in batches(requests):
            answered += zip(batch, compose(models, batch, top=top), strict=True)
            progress(len(answered))
    return outcome_of(answered)


def outcome_of(answered: Iterable[Answered]) -> Outcome:
    """A request reaches its skill where the best one is right and accepted; an out-of-scope one is to be
    refused."""
    requests, missed = 0, []
    for request, prediction in answered:
        requests += 1
        right = request.correct_skills
        proposed = [hypothesis.skill_id for hypothesis in prediction.hypotheses]
        rank = next((i for i, skill_id in enumerate(proposed, start=1) if skill_id in right), None)
        if (rank == 1 and prediction.accepted) if right else not prediction.accepted:
            continue
        missed.append(
            Missed(
                request_id=request.request_id,
                utterance=request.utterance,
                expected=_named(request),
                got=proposed[0] if proposed else None,
                accepted=prediction.accepted,
                confidence=prediction.best.confidence if prediction.best else 0.0,
                rank=rank,
            )
        )
    return Outcome(requests=requests, reached=requests - len(missed), missed=tuple(missed))


def _named(request: Request) -> tuple[str, ...]:
    """The right skills, `skill_id` first."""
    return tuple(sorted(request.correct_skills, key=lambda one: (one != request.skill_id, one)))
