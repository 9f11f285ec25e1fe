"""From requests to predictions: the composing code that batch, in-process and remote share."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import NamedTuple

import msgspec

from components.records.array import Array
from components.records.hypothesis_list import HypothesisList
from components.records.hyprank.features import one_reading_a_skill
from components.records.hyprank.rank import HYPRANK, Ranked, hyprank
from components.records.manifest import Calibration
from components.records.prediction import Hypothesis, Prediction, Scores
from components.records.request import Request
from components.records.reranker import rerank
from components.records.shortlister_signature import SHORTLISTER
from components.router.hypothesize import Hypotheses, hypotheses
from components.router.models import Models, NotInServiceError, Release
from components.router.options import CANDIDATES
from components.router.shortlist import Shortlist

_SIGMOID = Calibration()
_WITH_LEAD = 2  # candidates that it takes to know the lead of the best one

_Answer = tuple[list[Hypothesis], bool, float | None]
"""Hypotheses, best first; whether the first is accepted; HypRank's "none"."""


class Decision(NamedTuple):
    """A prediction and the way to it.

    Attributes:
        shortlist: What the Shortlister says.
        listed: All readings of its candidates, by falling re-ranker score.
        domains: The version that read the candidates of a domain, by domain; of other requests' too.
        hyprank: The version that ranked the readings; None where there is no HypRank.
    """

    prediction: Prediction
    shortlist: Shortlist
    listed: HypothesisList
    domains: Mapping[str, Release]
    hyprank: Release | None


def compose(models: Models, requests: Sequence[Request], *, top: int) -> list[Prediction]:
    """The system's answer to each request, in their order; see `decide`."""
    return [decision.prediction for decision in decide(models, requests, top=top)]


def decide(models: Models, requests: Sequence[Request], *, top: int) -> list[Decision]:
    """The system's answer to each request and how it came to it, in the requests' order.

    It reads what a live request has: utterance, enabled and recent skills, context; never what is known
    afterwards (`skill_id`, `intent`, `slots`, `also_correct`, `outcome`) nor `context.new_intent`.

    The models that are there decide how far it goes. Where there is HypRank, the models of the candidates'
    domains read them, their re-rankers score the readings, and HypRank orders the skills, says how sure it is
    of each, and refuses where it is surer of none. Without it the re-rankers order them, and without those,
    as where there is the Shortlister alone, the Shortlister; then the request is refused where the reject
    score reaches the threshold that the Shortlister was stored with.

    A request that names one skill outright ("ask daily horoscopes for my sign") is decided by the name: that
    skill comes first, with the confidence that such requests have earned, and the models read the command
    alone, as training did. Everything else they read as it was said. Such a request is accepted.

    No two versions of one model answer; the re-ranker is that of the version that read the request.

    Args:
        top: Number of skills per prediction; fewer where the models rank fewer.

    Raises:
        ValueError: `top` is not positive, or the Shortlister names a skill that its manifest lacks.
    """
    if top < 1:
        raise ValueError(f"`top` must be positive. Received: top={top}")
    if not requests:
        return []
    found, answers, ranker = _answers(models, requests, top)
    return [
        Decision(_prediction(shortlist, listed, top, *answer), shortlist, listed, found.domains, ranker)
        for shortlist, listed, answer in zip(found.shortlists, found.lists, answers, strict=True)
    ]


def _answers(
    models: Models, requests: Sequence[Request], top: int
) -> tuple[Hypotheses, list[_Answer], Release | None]:
    """The readings, the answer to each request, and HypRank where it ranked them."""
    if models.serves(HYPRANK):
        with suppress(NotInServiceError):  # it left between two looks
            found, ranked, ranker = _by_hyprank(models, requests)
            return found, [(list(each.hypotheses), not each.refused, each.none) for each in ranked], ranker
    reads = any(map(models.serves, models.current(SHORTLISTER).domain_models))
    found = _reranked(models, requests, CANDIDATES if reads else max(top, _WITH_LEAD))
    by_reranker: list[_Answer] = [
        (_by_reranker(listed, shortlist), _accepts(shortlist), None)
        for shortlist, listed in zip(found.shortlists, found.lists, strict=True)
    ]
    return found, by_reranker, None


def _by_hyprank(models: Models, requests: Sequence[Request]) -> tuple[Hypotheses, list[Ranked], Release]:
    """The readings, and what HypRank makes of them.

    The version that answers decides how many candidates there are; where it is not the one expected, all is
    asked again.
    """
    expected = models.current(HYPRANK)
    while True:
        found = _reranked(models, requests, expected.manifest.candidates or CANDIDATES)
        ranked, answering = _ranked(models, found.lists, expected)
        if answering.version == expected.version:
            return found, ranked, answering
        expected = answering


def _ranked(
    models: Models, lists: Sequence[HypothesisList], expected: Release
) -> tuple[list[Ranked], Release]:
    answering = expected

    def predict(inputs: Mapping[str, Array]) -> Mapping[str, Array]:
        nonlocal answering
        outputs, answering = models.run(HYPRANK, inputs)
        return outputs

    return hyprank(lists, predict, expected.domains), answering


def _reranked(models: Models, requests: Sequence[Request], k: int) -> Hypotheses:
    found = hypotheses(models, requests, k=k)
    rerankers = {
        domain: release.manifest.reranker
        for domain, release in found.domains.items()
        if release.manifest.reranker is not None
    }
    return found._replace(lists=[rerank(listed, rerankers) for listed in found.lists])


def _by_reranker(listed: HypothesisList, shortlist: Shortlist) -> list[Hypothesis]:
    """The best reading of each skill, the surer first."""
    calibration = shortlist.release.manifest.calibration
    leaders = sorted((candidate.score for candidate in shortlist.candidates), reverse=True)[:2] or [0.0]
    found = [
        Hypothesis(
            skill_id=reading.skill_id,
            domain=reading.domain,
            intent=reading.intent,
            slots=reading.slots,
            confidence=_confidence(reading.scores, calibration, leaders),
            scores=reading.scores,
        )
        for reading in one_reading_a_skill(listed)
    ]
    return sorted(found, key=lambda hypothesis: -hypothesis.confidence)


def _confidence(scores: Scores, calibration: Calibration, leaders: Sequence[float]) -> float:
    """The re-ranker's, else the Shortlister's; 0 for a skill that is there for its name alone."""
    if scores.reranker is not None:
        return _SIGMOID.confidence(scores.reranker, scores.reranker)
    return 0.0 if scores.shortlister is None else calibration.confidence(scores.shortlister, *leaders)


def _accepts(shortlist: Shortlist) -> bool:
    refusal, reject = shortlist.release.manifest.refusal, shortlist.reject
    return refusal is None or reject is None or refusal.accepts(reject)


def _prediction(
    shortlist: Shortlist,
    listed: HypothesisList,
    top: int,
    ordered: list[Hypothesis],
    accepted: bool,
    none: float | None,
) -> Prediction:
    named = shortlist.named
    if named is not None:
        confidence = shortlist.release.manifest.named_confidence or 0.0
        ordered = _named_first(named.skill_id, confidence, ordered)
    return Prediction(
        request_id=listed.request.request_id,
        accepted=bool(ordered) and (named is not None or accepted),
        hypotheses=tuple(ordered[:top]),
        reject=shortlist.reject,
        none=none,
    )


def _named_first(skill_id: str, confidence: float, ordered: Sequence[Hypothesis]) -> list[Hypothesis]:
    """The named skill, as it was read, then the others, none of them with a higher confidence."""
    capped = [
        msgspec.structs.replace(
            hypothesis,
            confidence=confidence
            if hypothesis.skill_id == skill_id
            else min(hypothesis.confidence, confidence),
        )
        for hypothesis in ordered
    ]
    return sorted(capped, key=lambda hypothesis: hypothesis.skill_id != skill_id)
