"""What a re-ranker sees of the hypotheses that one domain has for a request: names and values.

Scores enter as log-odds. A model that is too sure, or not sure enough, by a temperature has all its log-odds
wrong by about one factor, which a weight undoes; its log-probabilities are wrong in no such simple way.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from components.records.hypothesis_list import ReadCandidate
from components.records.request import Request

Floats = npt.NDArray[np.float64]

BIAS = "bias"
DOMAIN = "domain"
INTENT = "intent"
SLOTS = "slots"
TOGETHER = "together"
WEAKEST = "weakest"
BEHIND = "behind"
SKILL = "skill"
SCORES = (BIAS, DOMAIN, INTENT, SLOTS, TOGETHER, WEAKEST, BEHIND, SKILL)
"""`domain`, `intent` and `slots`: the log-odds of each model's own probability; `together`: those of the
three probabilities' product, what R0 goes by; `weakest`: the least of the three, to which `together` comes
close as the models grow surer of themselves; `behind`: the logarithm of that product less that of the best
hypothesis of the domain, 0 for the best; `skill`: the Shortlister's log-odds."""

ENABLED = "enabled"
CONTINUES = "continues"
FACTS = (ENABLED, CONTINUES)
"""Whether the customer has enabled the skill, and whether it handled the turn before."""

COLUMNS = (*SCORES, *FACTS)
"""What any re-ranker may have of a hypothesis, whatever contexts it has learnt about."""

CONTEXTS = ("device", "locale", "previous_skill", "previous_intent")
"""Of these a re-ranker has a feature for each value that it has learnt about, such as `device=tv`."""

MOST = 20.0
"""Log-odds and log-probabilities are kept within ± this."""

_WORDS = {
    BIAS: "always",
    DOMAIN: "for each unit of the domain's log-odds",
    INTENT: "for each unit of the intent's log-odds",
    SLOTS: "for each unit of the slots' log-odds",
    TOGETHER: "for each unit of the log-odds of all three together",
    WEAKEST: "for each unit of the least of the three log-odds",
    BEHIND: "for each unit behind the domain's best hypothesis",
    SKILL: "for each unit of the Shortlister's log-odds",
    ENABLED: "where the skill is enabled",
    CONTINUES: "where the skill handled the turn before",
}
_CONTEXT_WORDS = {
    "device": "on {}",
    "locale": "in {}",
    "previous_skill": "after {}",
    "previous_intent": "after {}",
}


def check_names(names: Sequence[str]) -> None:
    """Raises `ValueError` if a name is no feature, or is there twice."""
    for name in names:
        if name not in _WORDS and name.partition("=")[0] not in CONTEXTS:
            raise ValueError(f"`features` must be those of a re-ranker. Received: {name!r}")
    if len(set(names)) != len(names):
        raise ValueError(f"`features` must be all different. Received: {list(names)}")


def in_words(name: str) -> str:
    """When a feature counts.

    >>> in_words("device=tv"), in_words("previous_skill=radio_1")
    ('on tv', 'after radio_1')
    """
    field, _, value = name.partition("=")
    return _WORDS[name] if name in _WORDS else _CONTEXT_WORDS[field].format(value)


def was_read(hypothesis: ReadCandidate) -> bool:
    """Whether a domain model has read the request for the skill: a served version that does not know the
    skill says how likely the domain is, and nothing else."""
    scores = hypothesis.scores
    return scores.domain is not None and not (scores.intent is None and scores.slots is None)


def score_features(
    domain: Floats, intent: Floats, slots: Floats, skill: Floats, starts: npt.NDArray[np.int64]
) -> Floats:
    """The features `SCORES` of N hypotheses in L lists: float [N, 8].

    NaN stands for a score that is not there: it adds nothing, to the product neither. Infinite and absurd
    scores are taken as the largest that count.

    Args:
        domain: Log-odds that the request belongs to the domain, [N].
        intent, slots: Log-probabilities, [N].
        skill: The Shortlister's log-odds, [N].
        starts: Where each list begins, [L], the first at 0; none is empty.
    """
    given = np.stack([domain, intent, slots])  # [3, N]
    absent = np.isnan(given)
    odds = _within(np.where(absent, 0.0, given))
    logs = np.minimum(odds, 0.0)
    logs[0] = -np.logaddexp(0.0, -odds[0])
    product = np.where(absent, 0.0, logs).sum(axis=0)  # [N]
    odds[1], odds[2], together = log_odds(np.stack([logs[1], logs[2], product]))
    best = np.maximum.reduceat(product, starts) if len(product) else product
    if len(starts) > 1:
        best = np.repeat(best, np.diff(starts, append=len(product)))
    found = np.ones((len(product), len(SCORES)))
    found[:, 1:4] = np.where(absent, 0.0, odds).T
    found[:, 4] = together
    found[:, 5] = np.where(absent, MOST, odds).min(axis=0)
    found[:, 6] = np.maximum(product - best, -MOST)
    found[:, 7] = _within(np.where(np.isnan(skill), 0.0, skill))
    return found


def log_odds(log_probability: Floats) -> Floats:
    """log p - log(1 - p) from log p ≤ 0, within ±20."""
    with np.errstate(divide="ignore"):
        return _within(log_probability - np.log(-np.expm1(log_probability)))


def columns(request: Request, hypotheses: Sequence[ReadCandidate], starts: npt.NDArray[np.int64]) -> Floats:
    """The features that any re-ranker may have, `COLUMNS`, of a request's hypotheses: float [N, 10].

    Args:
        request: Read as a live request is: nothing that is known afterwards.
        hypotheses: Those of each domain side by side.
        starts: Where each domain's begin, the first at 0; none is empty.
    """
    domain, intent, slots, skill = (
        np.array([getattr(hypothesis.scores, name) for hypothesis in hypotheses], np.float64)  # None is NaN
        for name in ("domain", "intent", "slots", "shortlister")
    )
    enabled = frozenset(request.enabled_skills)
    previous = request.context.previous_skill
    found = np.empty((len(hypotheses), len(COLUMNS)))
    found[:, : len(SCORES)] = score_features(domain, intent, slots, skill, starts)
    found[:, len(SCORES)] = [hypothesis.skill_id in enabled for hypothesis in hypotheses]
    found[:, len(SCORES) + 1] = [hypothesis.skill_id == previous for hypothesis in hypotheses]
    return found


def features(names: Sequence[str], request: Request, hypotheses: Sequence[ReadCandidate]) -> Floats:
    """The features of one domain's hypotheses for a request: float [n, len(names)].

    Args:
        names: As `check_names` allows them.
        request: As `columns` reads it.
    """
    starts = np.zeros(min(len(hypotheses), 1), np.int64)
    given = dict(zip(COLUMNS, columns(request, hypotheses, starts).T, strict=True))
    active = context_of(request)
    found = np.zeros((len(hypotheses), len(names)))
    for place, name in enumerate(names):
        if name in given:
            found[:, place] = given[name]
        elif name in active:
            found[:, place] = 1.0
    return found


def context_of(request: Request) -> frozenset[str]:
    """The names of the context's features that hold for a request."""
    found = {
        "device": request.device,
        "locale": request.locale,
        "previous_skill": request.context.previous_skill,
        "previous_intent": request.context.previous_intent,
    }
    return frozenset(f"{field}={value}" for field, value in found.items() if value is not None)


def _within(values: Floats) -> Floats:
    """The values within ± `MOST`; quicker for a few than NumPy's clip."""
    return np.minimum(np.maximum(values, -MOST), MOST)
