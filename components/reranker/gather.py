"""From hypothesis lists to the arrays that each domain's re-ranker learns from."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.request import Request
from components.records.reranker_features import FACTS, SCORES, context_of, features, was_read
from components.reranker.lists import Lists


class Reading(NamedTuple):
    """What one domain has for one request.

    Attributes:
        hypotheses: Those that were read and judged; at least one.
        semer: Of each; NaN where there is nothing to compare it with.
        own: Whether the request belongs to the domain.
    """

    request: Request
    hypotheses: tuple[ReadCandidate, ...]
    semer: tuple[float, ...]
    own: bool


def gather(lists: Iterable[HypothesisList], domain_of: Mapping[str, str]) -> dict[str, list[Reading]]:
    """What each domain has, in the order of the lists.

    Hypotheses that no domain model has read, or of which nobody knows whether they are right, are left out.

    Args:
        domain_of: Skill id to domain.
    """
    found: dict[str, list[Reading]] = {}
    for listed in lists:
        by_domain: dict[str, list[ReadCandidate]] = {}
        for hypothesis in listed.hypotheses:
            if was_read(hypothesis) and hypothesis.judgement is not None:
                by_domain.setdefault(hypothesis.domain, []).append(hypothesis)
        request = listed.request
        answered = request.skill_id is not None and request.outcome != "rejected"
        truth = domain_of.get(request.skill_id) if answered and request.skill_id is not None else None
        for domain, hypotheses in by_domain.items():
            semers = (listed.semer(hypothesis) for hypothesis in hypotheses)
            reading = Reading(
                request,
                tuple(hypotheses),
                tuple(np.nan if semer is None else semer for semer in semers),
                truth == domain,
            )
            found.setdefault(domain, []).append(reading)
    return found


def feature_names(readings: Sequence[Reading], *, least: int) -> tuple[str, ...]:
    """Scores, facts, and each value of the context that at least `least` requests have and others lack."""
    counts = Counter(name for reading in readings for name in context_of(reading.request))
    contexts = sorted(name for name, count in counts.items() if least <= count < len(readings))
    return (*SCORES, *FACTS, *contexts)


def arrays(readings: Sequence[Reading], names: Sequence[str]) -> Lists:
    """The readings with these features; every list counts the same."""
    sizes = np.array([len(reading.hypotheses) for reading in readings], np.int64)
    blocks = [features(names, reading.request, reading.hypotheses) for reading in readings]
    hypotheses = [hypothesis for reading in readings for hypothesis in reading.hypotheses]
    return Lists(
        features=np.concatenate(blocks) if blocks else np.zeros((0, len(names))),
        starts=np.cumsum(sizes) - sizes,
        semer=np.array([semer for reading in readings for semer in reading.semer], np.float64),
        right=np.array([h.judgement is not None and h.judgement.right for h in hypotheses], bool),
        own=np.array([reading.own for reading in readings], bool),
        weight=np.ones(len(readings)),
    )
