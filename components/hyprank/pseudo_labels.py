"""Further right skills of the rank split's requests: a rule of our own.

A request has one label, though several skills may be right; learnt as it is, the others are wrong. No model
has learnt from the rank split, so that its requests are scored as dev's are, where `also_correct` says which
skills are right: no label is known by heart, and nothing needs to be held out. For a candidate d beside the
label,

    P(d is right too | x) = σ(w · evidence + b)

with the evidence of `EVIDENCE`, and w and b fitted to dev. As in the learning loop's rule "likely", what a
skill's frequency adds to its score is taken off; so is what being enabled adds, which says what a customer
has and not what a skill can do.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from components.records.hypothesis_list import HypothesisList
from components.records.hyprank.features import one_reading_a_skill
from components.records.judge import judged, reference_frame
from components.records.logistic import fit_logistic, sigmoid

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

EVIDENCE = ("score", "requests", "enabled", "read_alike")
"""`score`: the Shortlister's log-odds of the skill; `requests`: log(1 + train requests that it labels);
`enabled`: whether the customer has enabled it; `read_alike`: whether its best reading has the domain and the
intent that the request is annotated with."""


class RightToo(msgspec.Struct, frozen=True):
    """The map; without weights it says 0 of everything, as where dev names no further right skill."""

    weights: dict[str, float] = {}
    intercept: float = 0.0

    def probability(self, evidence: Floats) -> Floats:
        """P of N candidates, [N].

        Args:
            evidence: [N, D], in the order of `EVIDENCE`.
        """
        if not self.weights:
            return np.zeros(len(evidence))
        return sigmoid(evidence @ np.array([self.weights[name] for name in EVIDENCE]) + self.intercept)


class PseudoLabels(msgspec.Struct, frozen=True, kw_only=True):
    """What the rule found.

    Attributes:
        map: As fitted to dev.
        likely: The least probability of a label.
        candidates: Skills of labelled requests beside the label, in all.
        labels: Those of them that became labels.
        requests: Requests that got one at least.
    """

    map: RightToo
    likely: float
    candidates: int
    labels: int
    requests: int


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
        rank: Re-ranked lists of requests that no model has learnt from.
        dev: The map is fitted to their candidates.
        counts: How often each skill is right in train.
        domain_of: Skill id to domain.
        likely: The least probability of a label.
    """
    known = list(_candidates(dev, counts, domain_of))
    found = fit_right_too(_evidence(known), np.array([each.right for each in known], bool))
    asked = list(_candidates(rank, counts, domain_of))
    labels: dict[int, list[str]] = {}
    for candidate, sure in zip(asked, found.probability(_evidence(asked)).tolist(), strict=True):
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


def fit_right_too(evidence: Floats, right: Bools) -> RightToo:
    """The map of greatest likelihood.

    Args:
        evidence: [N, D], in the order of `EVIDENCE`.
        right: [N], whether each candidate is right.
    """
    if not right.any():
        return RightToo()
    centre, scale = evidence.mean(axis=0), np.maximum(evidence.std(axis=0), 1e-6)
    design = np.column_stack([(evidence - centre) / scale, np.ones(len(evidence))])
    fitted = fit_logistic(design, right.astype(np.float64))
    weights = fitted[:-1] / scale
    return RightToo(dict(zip(EVIDENCE, weights.tolist(), strict=True)), float(fitted[-1] - weights @ centre))


class _Candidate(NamedTuple):
    """Another skill than the label of a request: `place` is the number of its list."""

    place: int
    skill_id: str
    evidence: tuple[float, ...]
    right: bool


def _candidates(
    lists: Sequence[HypothesisList], counts: Mapping[str, int], domain_of: Mapping[str, str]
) -> Iterator[_Candidate]:
    for place, listed in enumerate(lists):
        request = listed.request
        if request.skill_id is None or request.outcome == "rejected":
            continue
        frame = (domain_of.get(request.skill_id), request.intent)
        for reading in one_reading_a_skill(listed):
            skill_id, score = reading.skill_id, reading.scores.shortlister
            if skill_id == request.skill_id or score is None:
                continue
            evidence = (
                score,
                float(np.log1p(counts.get(skill_id, 0))),
                float(skill_id in request.enabled_skills),
                float((reading.domain, reading.intent) == frame),
            )
            yield _Candidate(place, skill_id, evidence, skill_id in request.also_correct)


def _evidence(candidates: Sequence[_Candidate]) -> Floats:
    rows = [candidate.evidence for candidate in candidates]
    return np.array(rows, np.float64).reshape(-1, len(EVIDENCE))


def _labelled(listed: HypothesisList, skills: Sequence[str], domain_of: Mapping[str, str]) -> HypothesisList:
    request = listed.request
    domain = domain_of.get(request.skill_id or "")
    reference = None if domain is None else reference_frame(request, domain)
    return judged(msgspec.structs.replace(listed, pseudo_labels=tuple(skills)), reference)
