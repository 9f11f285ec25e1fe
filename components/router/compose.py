"""From requests to predictions: the composing code that batch, in-process and remote share."""

from collections.abc import Sequence

import msgspec

from components.records.prediction import Hypothesis, Prediction, Scores
from components.records.request import Request
from components.router.models import Models, Release
from components.router.shortlist import Shortlist, shortlists


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
    return [
        _prediction(request, shortlist, top)
        for request, shortlist in zip(requests, shortlists(models, requests, k=top), strict=True)
    ]


def _prediction(request: Request, shortlist: Shortlist, top: int) -> Prediction:
    release, named = shortlist.release, shortlist.named
    calibration = release.manifest.calibration
    refusal = release.manifest.refusal
    best = max((candidate.score for candidate in shortlist.candidates), default=0.0)
    hypotheses = [
        Hypothesis(
            skill_id=candidate.skill_id,
            domain=candidate.domain,
            confidence=calibration.confidence(candidate.score, best),
            scores=Scores(shortlister=candidate.score),
        )
        for candidate in shortlist.candidates
    ]
    ranked = tuple(sorted(hypotheses, key=lambda h: -h.confidence))
    if named is not None:
        ranked = _named_first(named.skill_id, ranked, release)[:top]
    accepted = bool(ranked) and (named is not None or refusal is None or refusal.accepts(shortlist.reject))
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
