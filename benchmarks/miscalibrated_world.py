"""Hypothesis lists of a made-up system whose scores are calibrated, until a temperature is put on them.

Every domain's models know the true probabilities: by evidence that they all share, the domain of a request;
by evidence of their own, its intent and its slots. So the product of the three is the probability that a
hypothesis is right, and R0 is calibrated. A temperature T divides the log-odds that a domain's models tell:
below 1 they are too sure, above 1 not sure enough. All of it is arrays.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.records.logistic import sigmoid
from components.records.reranker import Reranker
from components.records.reranker_features import SCORES, log_odds, score_features
from components.reranker.lists import Bools, Floats, Ints, Lists
from components.reranker.reliability import Answers

_CANDIDATES = 3
_INTENTS, _READINGS = 6, 5
_KEPT = 5


@dataclass(frozen=True)
class DomainLists:
    """What one domain says of the requests that it is a candidate for.

    Attributes:
        request: int [L], the number of each list's request.
        lists: With `FEATURES`.
    """

    request: Ints
    lists: Lists


FEATURES = (*SCORES, "device=tv")


def temperatures(domains: int, least: float = 0.3, most: float = 3.0) -> Floats:
    """One for each domain, evenly spread on a logarithmic scale."""
    return np.exp(np.linspace(np.log(least), np.log(most), domains))


def world(
    requests: int, temperature: Floats, *, seed: int, evidence: float = 3.0, tv_bonus: float = 0.0
) -> list[DomainLists]:
    """One entry for each domain.

    Args:
        temperature: Of each domain's models, [D].
        evidence: How far apart domains, intents and readings are, in standard deviations.
        tv_bonus: How much likelier domain 0 is on a TV, in log-odds that its models do not know of.
    """
    rng = np.random.default_rng(seed)
    domains = len(temperature)
    tv = rng.random(requests) < 0.5
    prior = np.zeros((requests, domains))
    prior[tv, 0] += tv_bonus
    truth = (prior + rng.gumbel(size=prior.shape)).argmax(axis=1)  # [R]
    seen = evidence * rng.normal(size=prior.shape)
    seen[np.arange(requests), truth] += evidence**2
    log_share = seen - np.logaddexp.reduce(seen, axis=1, keepdims=True)  # [R, D]
    shortlist = np.argsort(-seen, axis=1)[:, :_CANDIDATES]
    return [
        _domain(
            d,
            np.flatnonzero((shortlist == d).any(axis=1)),
            truth,
            log_share[:, d],
            tv,
            float(temperature[d]),
            evidence,
            rng,
        )
        for d in range(domains)
    ]


def _domain(
    number: int,
    request: Ints,
    truth: Ints,
    log_share: Floats,
    tv: Bools,
    temperature: float,
    evidence: float,
    rng: np.random.Generator,
) -> DomainLists:
    own, size = truth[request] == number, len(request)
    domain = np.repeat(log_odds(np.minimum(log_share[request], -1e-9)) / temperature, _KEPT)
    right_intent, intents = _classifier(size, _INTENTS, evidence, temperature, rng)
    right_reading, readings = _classifier(size, _READINGS, evidence, temperature, rng)
    pairs = (intents[:, :, None] + readings[:, None, :]).reshape(size, -1)
    kept = np.argsort(-pairs, axis=1)[:, :_KEPT]  # [L, 5]
    intent, reading = np.divmod(kept, _READINGS)
    intent_right, reading_right = intent == right_intent[:, None], reading == right_reading[:, None]
    slots = rng.integers(1, 4, size=(size, 1))
    errors = ~intent_right + np.where(reading_right, 0, 1 + reading % slots)
    semer = np.where(own[:, None], errors / (1 + slots), 1.0)
    right = own[:, None] & intent_right & reading_right
    starts = np.arange(size) * _KEPT
    scores = score_features(
        domain,
        np.take_along_axis(intents, intent, axis=1).ravel(),
        np.take_along_axis(readings, reading, axis=1).ravel(),
        np.zeros(size * _KEPT),
        starts,
    )
    features = np.column_stack([scores, np.repeat(tv[request], _KEPT)])
    return DomainLists(request, Lists(features, starts, semer.ravel(), right.ravel(), own, np.ones(size)))


def _classifier(
    size: int, classes: int, evidence: float, temperature: float, rng: np.random.Generator
) -> tuple[Ints, Floats]:
    """The right class of each list [L], and the log-probabilities that a model gives to all, [L, classes]."""
    right = rng.integers(classes, size=size)
    seen = evidence * rng.normal(size=(size, classes))
    seen[np.arange(size), right] += evidence**2
    seen /= temperature
    return right, seen - np.logaddexp.reduce(seen, axis=1, keepdims=True)


@dataclass(frozen=True)
class Outcome:
    """What a set of re-rankers makes of a world: the answers, and their SemER, [R]."""

    answers: Answers
    semer: Floats


def answers(parts: Sequence[DomainLists], rerankers: Mapping[int, Reranker]) -> Outcome:
    """The best hypothesis of each request over all domains, by the domains' own re-rankers."""
    request, domain, score, right, semer = (
        np.concatenate(columns)
        for columns in zip(
            *(_best(number, part, rerankers[number]) for number, part in enumerate(parts)), strict=True
        )
    )
    order = np.lexsort((score, request))
    last = order[np.append(np.diff(request[order]) > 0, True)]  # the best of each request
    return Outcome(Answers(domain[last], sigmoid(score[last]), right[last]), semer[last])


def _best(number: int, part: DomainLists, reranker: Reranker) -> tuple[npt.NDArray[np.generic], ...]:
    score = part.lists.features @ np.array(reranker.weights)
    best = part.lists.best(score)
    return (
        part.request,
        np.full(len(best), number),
        score[best],
        part.lists.right[best],
        part.lists.semer[best],
    )
