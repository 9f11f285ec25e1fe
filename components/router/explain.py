"""How the system came to one answer: what each stage said, what moved the best hypothesis, who answered."""

import msgspec

from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.prediction import Hypothesis, Prediction, Scores
from components.records.request import Slot
from components.records.reranker import Reranker
from components.records.reranker_features import SCORES, in_words, was_read
from components.router.compose import Decision
from components.router.models import Release


class Proposal(msgspec.Struct, frozen=True, kw_only=True):
    """A skill that the Shortlister proposes, and its log-odds."""

    skill_id: str
    domain: str
    score: float


class ExplainedReading(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A hypothesis: a candidate as its domain's model reads it.

    Attributes:
        scores: Of every stage that judged it.
        confidence: Of its skill, where this reading stands for the skill in the answer.
    """

    skill_id: str
    domain: str
    intent: str | None = None
    slots: tuple[Slot, ...] = ()
    scores: Scores = Scores()
    confidence: float | None = None


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What one feature of a re-ranker adds to a hypothesis' log-odds.

    Attributes:
        feature, words: Its name, and when it counts in words.
        context: Whether it is a fact of the request rather than another model's score.
        value, weight: Their product is `effect`.
    """

    feature: str
    words: str
    context: bool
    value: float
    weight: float
    effect: float


class ModelVersion(msgspec.Struct, frozen=True, kw_only=True):
    """A version that answered."""

    model: str
    version: int


class Explanation(msgspec.Struct, frozen=True, omit_defaults=True, kw_only=True):
    """One request's way through the system.

    Attributes:
        read: The text that the models read: the utterance, or the command alone where it names a skill.
        named: The skill that the request names outright, which decides.
        prediction: The answer.
        shortlist: Best first.
        reject: The Shortlister's log-odds that no skill can serve the request.
        refused_from: The reject score from which the Shortlister refuses where it decides alone.
        readings: All hypotheses, by falling re-ranker score.
        effects: What moved the best hypothesis in its domain's re-ranker, the largest first.
        models: Who answered.
        seconds: Where a service measured them: of the stages that were asked (`shortlister`, `domain`,
            `hyprank`) and of the whole (`request`). A batch's requests share them.
    """

    utterance: str
    read: str
    named: str | None = None
    prediction: Prediction
    shortlist: tuple[Proposal, ...]
    reject: float | None = None
    refused_from: float | None = None
    readings: tuple[ExplainedReading, ...] = ()
    effects: tuple[Effect, ...] = ()
    models: tuple[ModelVersion, ...] = ()
    seconds: dict[str, float] = {}


def explain(decision: Decision) -> Explanation:
    """The decision in a form that people and programs read; nothing is asked or computed anew but effects."""
    prediction, shortlist, listed = decision.prediction, decision.shortlist, decision.listed
    refusal = shortlist.release.manifest.refusal
    return Explanation(
        utterance=listed.request.utterance,
        read=listed.request.utterance if shortlist.named is None else shortlist.named.text,
        named=None if shortlist.named is None else shortlist.named.skill_id,
        prediction=prediction,
        shortlist=tuple(
            Proposal(skill_id=each.skill_id, domain=each.domain, score=each.score)
            for each in shortlist.candidates
        ),
        reject=shortlist.reject,
        refused_from=None if refusal is None else refusal.threshold,
        readings=_readings(listed, prediction),
        effects=_effects(listed, prediction.best, _readers(decision)),
        models=models_of(decision),
    )


def models_of(decision: Decision) -> tuple[ModelVersion, ...]:
    """The versions that answered this request: Shortlister, its candidates' domains, HypRank."""
    releases = (decision.shortlist.release, *_readers(decision).values(), decision.hyprank)
    return tuple(
        ModelVersion(model=release.model, version=release.version)
        for release in releases
        if release is not None
    )


def _readers(decision: Decision) -> dict[str, Release]:
    """Who read this request's candidates, by domain."""
    domains = dict.fromkeys(hypothesis.domain for hypothesis in decision.listed.hypotheses)
    return {domain: decision.domains[domain] for domain in domains if domain in decision.domains}


def _readings(listed: HypothesisList, prediction: Prediction) -> tuple[ExplainedReading, ...]:
    answered = {hypothesis.skill_id: hypothesis for hypothesis in prediction.hypotheses}
    found = []
    for reading in listed.hypotheses:
        answer = answered.pop(reading.skill_id, None)  # the first reading of a skill stands for it
        found.append(
            ExplainedReading(
                skill_id=reading.skill_id,
                domain=reading.domain,
                intent=reading.intent,
                slots=reading.slots,
                scores=reading.scores if answer is None else answer.scores,
                confidence=None if answer is None else answer.confidence,
            )
        )
    return tuple(found)


def _effects(listed: HypothesisList, best: Hypothesis | None, read: dict[str, Release]) -> tuple[Effect, ...]:
    if best is None or best.domain not in read:
        return ()
    reranker = read[best.domain].manifest.reranker
    rivals = tuple(each for each in listed.hypotheses if each.domain == best.domain and was_read(each))
    place = next((row for row, each in enumerate(rivals) if each.skill_id == best.skill_id), None)
    if reranker is None or place is None:
        return ()
    return _of_reranker(reranker, listed, rivals, place)


def _of_reranker(
    reranker: Reranker, listed: HypothesisList, rivals: tuple[ReadCandidate, ...], place: int
) -> tuple[Effect, ...]:
    values = reranker.values(listed.request, rivals)[place].tolist()
    found = [
        Effect(
            feature=name,
            words=in_words(name),
            context=name not in SCORES,
            value=value,
            weight=weight,
            effect=value * weight,
        )
        for name, value, weight in zip(reranker.features, values, reranker.weights, strict=True)
        if value * weight != 0.0
    ]
    return tuple(sorted(found, key=lambda effect: -abs(effect.effect)))
