"""What was decided about every candidate, and why."""

from collections.abc import Sequence
from typing import NamedTuple

from components.evaluate.review.found import Found
from components.records.domain_signature import domain_of_model
from components.records.verdict import Check, ModelVerdict

_MOST = 200


class Shown(NamedTuple):
    """What the section is made of.

    Attributes:
        preface: What is to be known before.
        blessed: Whether every candidate may be pushed.
        head, rest: The verdict's words before and after their first colon.
        forced: Why all are pushed whatever was decided, if they are.
        split: What was measured.
        models: What is shown of each candidate, those that were refused first.
        models_left_out: Of those that were not refused, how many are in `verdict.json` alone.
        failed, passed: The checks.
        left_out: Of those that passed, how many are in `verdict.json` alone.
    """

    preface: Sequence[str]
    blessed: bool
    head: str
    rest: str
    forced: str | None
    split: str
    models: Sequence[tuple[str, ModelVerdict]]
    models_left_out: int
    failed: Sequence[Check]
    passed: Sequence[Check]
    left_out: int


def section(found: Found) -> Shown:
    verdict = found.verdict
    head, _, rest = verdict.words.partition(": ")
    refused = [model for model in verdict.models if not model.blessed]
    blessed = [model for model in verdict.models if model.blessed][:_MOST]
    passed = [check for check in verdict.checks if check.passed]
    return Shown(
        preface=found.preface,
        blessed=verdict.blessed,
        head=head,
        rest=rest,
        forced=verdict.forced,
        split=found.evaluation.split,
        models=[(domain_of_model(model.model) or model.model, model) for model in (*refused, *blessed)],
        models_left_out=len(verdict.models) - len(refused) - len(blessed),
        failed=verdict.failures,
        passed=passed[:_MOST],
        left_out=max(0, len(passed) - _MOST),
    )
