"""The gate: what is decided about each candidate, from thresholds held against what was measured."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

import msgspec

from components.evaluate.blame import about, refused
from components.evaluate.changes import changes
from components.evaluate.checks import absolute
from components.evaluate.evaluation import Evaluation
from components.evaluate.options import Thresholds
from components.records.domain_signature import domain_of_model
from components.records.verdict import Check, ModelVerdict, Verdict

_MOST_REASONS = 3


class Round(NamedTuple):
    """What a judgement is part of.

    Attributes:
        candidates: The models that are judged together, beside what is in service or alone.
        final: Any failure refuses all of them. If not, those that the failures speak of are refused, and the
            rest is to be judged again.
        earlier: What was decided before; the candidates are without what was refused then.
        forced: Why the candidates are pushed whatever is decided.
    """

    candidates: Collection[str] = ()
    final: bool = True
    earlier: Verdict | None = None
    forced: str | None = None


def decide(
    evaluation: Evaluation,
    thresholds: Thresholds,
    baseline: Evaluation | None = None,
    judged: Round = Round(),  # noqa: B008 (frozen)
) -> Verdict:
    """Holds `evaluation` against `thresholds`, and against `baseline`'s figures where one is given.

    A figure that could not be computed fails its check: nothing is blessed on trust. Slices with fewer than
    `min_slice_requests` answerable requests are not checked. Where skills were added, the baseline is held
    against the requests of the others.
    """
    candidates, earlier = judged.candidates, judged.earlier
    found = [*absolute(evaluation, thresholds)]
    if baseline is not None:
        found += changes(evaluation, thresholds, baseline)
    number = 1 if earlier is None else 1 + max((check.judgement for check in earlier.checks), default=0)
    checks = [
        msgspec.structs.replace(check, models=about(check, candidates), judgement=number) for check in found
    ]
    out = refused(checks, candidates, final=judged.final)
    models = [_decided(model, checks, refused=model in out) for model in candidates]
    if earlier is None:
        return _put_together(checks, models, judged.forced)
    held = [_held(model) for model in earlier.models if model.model not in candidates]
    return _put_together((*earlier.failures, *checks), (*held, *models), judged.forced)


def settle(earlier: Verdict, judged: Round) -> Verdict:
    """The verdict where nothing was judged anew: `earlier` refused nothing more of the candidates, or what it
    left cannot be judged alone, and is refused too."""
    if not {model.model for model in earlier.held_back}.intersection(judged.candidates):
        return earlier
    words = "Refused: without what was refused before it there is no system to judge it in."
    models = [
        model if not model.blessed else msgspec.structs.replace(model, blessed=False, words=words)
        for model in earlier.models
    ]
    return _put_together(earlier.checks, models, judged.forced)


def _held(model: ModelVerdict) -> ModelVerdict:
    """What was decided of a candidate that this judgement is without."""
    if not model.blessed:
        return model
    words = "Refused: the Shortlister that is left knows no skill of its domain."
    return msgspec.structs.replace(model, blessed=False, words=words)


def _put_together(checks: Sequence[Check], models: Sequence[ModelVerdict], forced: str | None) -> Verdict:
    """The verdict of these checks and models. Without models it is the checks' own."""
    blessed = all(model.blessed for model in models) if models else all(check.passed for check in checks)
    words = _words(checks, models, blessed=blessed)
    return Verdict(
        blessed=blessed,
        words=f"{words} Pushed by force: {forced}" if forced else words,
        checks=tuple(checks),
        models=tuple(models),
        forced=forced,
    )


def _decided(model: str, checks: Sequence[Check], *, refused: bool) -> ModelVerdict:
    own = [check for check in checks if model in check.models]
    failed = [check for check in own if not check.passed]
    if not refused:
        words = (
            f"Blessed: {_count(len(own))} passed."
            if own
            else "Blessed with the rest: no check is of it alone."
        )
    elif failed:
        words = f"Refused: {_reasons(failed)}."
    else:
        others = [check for check in checks if not check.passed]
        words = f"Refused with all that was judged with it: {_reasons(others)}."
    return ModelVerdict(model=model, blessed=not refused, words=words)


def _words(checks: Sequence[Check], models: Sequence[ModelVerdict], *, blessed: bool) -> str:
    if blessed:
        return f"Blessed: all {len(checks)} checks passed."
    failed = [check for check in checks if not check.passed]
    kept = [model.model for model in models if model.blessed]
    if kept:
        held = {model.model for model in models if not model.blessed}
        why = [check for check in failed if held.issuperset(check.models)]
        names = ", ".join(domain_of_model(model) or model for model in sorted(held))
        passed = sum(check.judgement == checks[-1].judgement for check in checks)
        again = f" Without, all {passed} checks passed." if checks[-1].judgement > 1 else ""
        return f"Blessed but for {names}: {_reasons(why or failed)}.{again}"
    return f"Not blessed: {len(failed)} of {len(checks)} checks failed. {_reasons(failed)}."


def _reasons(failed: Sequence[Check]) -> str:
    more = len(failed) - _MOST_REASONS
    said = "; ".join(check.reason for check in failed[:_MOST_REASONS])
    return f"{said}; and {more} more" if more > 0 else said


def _count(checks: int) -> str:
    return "the check of it" if checks == 1 else f"all {checks} checks of it"
