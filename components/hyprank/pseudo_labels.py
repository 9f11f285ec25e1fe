"""Further right skills of the rank split's requests, found by the rule "likely" of the learning loop.

A request has one label, though several skills may be right; learnt as it is, the others are wrong. The
Shortlister has not seen these requests, so that it scores their skills as it scores dev's, where
`also_correct` says which are right: no label is known by heart, and nothing needs to be held out.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np

from components.records.hypothesis_list import HypothesisList
from components.records.judge import judged, reference_frame
from components.records.likely_right import LikelyRight, fit_likely_right


class PseudoLabels(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule found.

    Attributes:
        map: As fitted to dev.
        likely: The least probability of a label.
        candidates: Skills of labelled requests beside the label, in all.
        labels: Those of them that became labels.
        requests: Requests that got one at least.
    """

    map: LikelyRight
    likely: float
    candidates: int
    labels: int
    requests: int


class _Candidate(NamedTuple):
    """Another skill than the label of a request: `place` is the number of its list."""

    place: int
    skill_id: str
    score: float
    requests: float
    right: bool


def pseudo_labelled(
    rank: Sequence[HypothesisList],
    dev: Sequence[HypothesisList],
    counts: Mapping[str, int],
    domain_of: Mapping[str, str],
    *,
    likely: float,
) -> tuple[list[HypothesisList], PseudoLabels]:
    """The lists of `rank`, with pseudo-labels and judged anew by them; none without `also_correct` on dev.

    Args:
        rank: Of requests that the Shortlister has not learnt from.
        dev: The map is fitted to their candidates.
        counts: How often each skill is right in train.
        domain_of: Skill id to domain.
        likely: The least probability of a label.
    """
    known = list(_candidates(dev, counts))
    found = fit_likely_right(*_columns(known), np.array([each.right for each in known], bool))
    asked = list(_candidates(rank, counts))
    probability = found.probability(*_columns(asked))
    labels: dict[int, list[str]] = {}
    for candidate, sure in zip(asked, probability.tolist(), strict=True):
        if sure >= likely:
            labels.setdefault(candidate.place, []).append(candidate.skill_id)
    report = PseudoLabels(
        map=found,
        likely=likely,
        candidates=len(asked),
        labels=sum(map(len, labels.values())),
        requests=len(labels),
    )
    return [
        _labelled(listed, labels[place], domain_of) if place in labels else listed
        for place, listed in enumerate(rank)
    ], report


def _candidates(lists: Sequence[HypothesisList], counts: Mapping[str, int]) -> Iterator[_Candidate]:
    for place, listed in enumerate(lists):
        request = listed.request
        if request.skill_id is None or request.outcome == "rejected":
            continue
        scores = {h.skill_id: h.scores.shortlister for h in listed.hypotheses}
        for skill_id, score in scores.items():
            if score is not None and skill_id != request.skill_id:
                right = skill_id in request.also_correct
                yield _Candidate(place, skill_id, score, counts.get(skill_id, 0), right)


def _columns(candidates: Sequence[_Candidate]) -> tuple[np.ndarray, np.ndarray]:
    """Scores and train requests, float64 [N] each."""
    pairs = np.array([(c.score, c.requests) for c in candidates], np.float64).reshape(-1, 2)
    return pairs[:, 0], pairs[:, 1]


def _labelled(listed: HypothesisList, skills: Sequence[str], domain_of: Mapping[str, str]) -> HypothesisList:
    request = listed.request
    domain = domain_of.get(request.skill_id or "")
    reference = None if domain is None else reference_frame(request, domain)
    return judged(msgspec.structs.replace(listed, pseudo_labels=tuple(skills)), reference)
