"""From requests to predictions: the composing code that batch, in-process and remote share."""

from collections.abc import Sequence

from components.records.prediction import Hypothesis, Prediction, Scores
from components.records.request import Request
from components.records.shortlister_signature import SHORTLISTER, read_shortlist, shortlister_inputs
from components.router.models import Models, Release


def compose(models: Models, requests: Sequence[Request], *, top: int) -> list[Prediction]:
    """The system's answer to each request, in their order.

    It reads what a live request has: utterance, enabled skills and context; never what is known afterwards
    (`skill_id`, `intent`, `slots`, `also_correct`, `outcome`) nor `context.new_intent`. The models get the
    utterance as it is, with the name of a skill where the customer said one.

    Args:
        top: Number of skills per prediction; fewer where the model knows fewer.

    Raises:
        ValueError: `top` is not positive, or a model names a skill that its manifest lacks.
    """
    if top < 1:
        raise ValueError(f"`top` must be positive. Received: top={top}")
    if not requests:
        return []
    outputs, release = models.run(SHORTLISTER, shortlister_inputs(requests, k=top))
    shortlists = read_shortlist(outputs)
    return [
        _prediction(request, shortlist, release)
        for request, shortlist in zip(requests, shortlists, strict=True)
    ]


def _prediction(request: Request, shortlist: list[tuple[str, float]], release: Release) -> Prediction:
    calibration = release.manifest.calibration
    threshold = release.manifest.refusal_threshold
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
    accepted = bool(ranked) and (threshold is None or ranked[0].confidence >= threshold)
    return Prediction(request_id=request.request_id, accepted=accepted, hypotheses=ranked)
