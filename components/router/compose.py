"""From requests to predictions: the composing code that batch, in-process and remote share."""

from collections.abc import Sequence

import msgspec

from components.records.named import Named
from components.records.prediction import Hypothesis, Prediction, Scores
from components.records.request import Request
from components.records.shortlister_signature import (
    SHORTLISTER,
    read_reject,
    read_shortlist,
    shortlister_inputs,
)
from components.router.models import Answer, Models, Release


def compose(models: Models, requests: Sequence[Request], *, top: int) -> list[Prediction]:
    """The system's answer to each request, in their order.

    It reads what a live request has: utterance, enabled skills and context; never what is known afterwards
    (`skill_id`, `intent`, `slots`, `also_correct`, `outcome`) nor `context.new_intent`.

    A request that names one skill outright ("ask daily horoscopes for my sign") is decided by the name: that
    skill comes first, with the confidence that such requests have earned, and the models read the command
    alone, as training did. Everything else they read as it was said. Such a request is accepted; another one
    if the Shortlister's reject score stays below the threshold that it was stored with.

    Args:
        top: Number of skills per prediction; fewer where the model knows fewer.

    Raises:
        ValueError: `top` is not positive, or a model names a skill that its manifest lacks.
    """
    if top < 1:
        raise ValueError(f"`top` must be positive. Received: top={top}")
    if not requests:
        return []
    named, answer = _ask(models, requests, top)
    shortlists, rejects = read_shortlist(answer.outputs), read_reject(answer.outputs)
    return [
        _prediction(request, shortlist, reject, answer.release, name, top)
        for request, shortlist, reject, name in zip(requests, shortlists, rejects, named, strict=True)
    ]


def _ask(models: Models, requests: Sequence[Request], top: int) -> tuple[list[Named | None], Answer]:
    """Whom each request names, and what the Shortlister says.

    The version that answers decides what is a name; where it is not the one expected, it is asked again.
    """
    expected = models.current(SHORTLISTER)
    while True:
        named = [expected.name_rule(request.utterance) for request in requests]
        texts = [
            request.utterance if name is None else name.text
            for request, name in zip(requests, named, strict=True)
        ]
        answer = models.run(SHORTLISTER, shortlister_inputs(requests, k=top, texts=texts))
        if answer.release.version == expected.version:
            return named, answer
        expected = answer.release


def _prediction(
    request: Request,
    shortlist: list[tuple[str, float]],
    reject: float,
    release: Release,
    named: Named | None,
    top: int,
) -> Prediction:
    calibration = release.manifest.calibration
    refusal = release.manifest.refusal
    best = max((score for _, score in shortlist), default=0.0)
    hypotheses: dict[str, Hypothesis] = {}
    for skill_id, score in shortlist:
        if skill_id not in release.domains:
            raise ValueError(
                f"{release.model}, version {release.version}, names a skill that its manifest lacks. "
                f"Received: {skill_id!r}"
            )
        if skill_id not in hypotheses:  # best first: the first of a skill is its best
            hypotheses[skill_id] = Hypothesis(
                skill_id=skill_id,
                domain=release.domains[skill_id],
                confidence=calibration.confidence(score, best),
                scores=Scores(shortlister=score),
            )
    ranked = tuple(sorted(hypotheses.values(), key=lambda h: -h.confidence))
    if named is not None:
        ranked = _named_first(named.skill_id, ranked, release)[:top]
    accepted = bool(ranked) and (named is not None or refusal is None or refusal.accepts(reject))
    return Prediction(request_id=request.request_id, accepted=accepted, hypotheses=ranked)


def _named_first(skill_id: str, ranked: tuple[Hypothesis, ...], release: Release) -> tuple[Hypothesis, ...]:
    """The named skill, then the others, none of them with a higher confidence; best first throughout."""
    confidence = release.manifest.named_confidence or 0.0
    first = Hypothesis(
        skill_id=skill_id,
        domain=release.domains[skill_id],
        confidence=confidence,
        scores=next((h.scores for h in ranked if h.skill_id == skill_id), Scores()),
    )
    others = (h for h in ranked if h.skill_id != skill_id)
    return first, *(msgspec.structs.replace(h, confidence=min(h.confidence, confidence)) for h in others)
