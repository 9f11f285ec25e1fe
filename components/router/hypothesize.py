"""From requests to hypothesis lists: candidates read by their domains' models, in batch and live alike."""

from collections import defaultdict
from collections.abc import Sequence

from components.records.domain_hypotheses import DomainAnswer, Proposed, domain_hypotheses
from components.records.domain_signature import domain_inputs, domain_model, read_readings
from components.records.hypothesis_list import HypothesisList
from components.records.request import Request
from components.router.models import Models
from components.router.shortlist import Shortlist, shortlists


def hypothesize(models: Models, requests: Sequence[Request], *, k: int) -> list[HypothesisList]:
    """The hypotheses of each request, in the requests' order; see `HypothesisList` for theirs.

    It reads what a live request has and nothing that is known afterwards; see `compose`. A skill that the
    request names outright is a candidate whatever the Shortlister says, the last one giving way if need be;
    its score is absent where the Shortlister did not propose it. Models read the command alone then; slots
    are places in the utterance all the same. A candidate whose domain has no model, or one that does not know
    the skill, gets one hypothesis with the skill only.

    Args:
        k: Candidates of a request; fewer where the Shortlister knows fewer.

    Raises:
        ValueError: `k` is not positive, or the Shortlister names a skill that its manifest lacks.
    """
    if k < 1:
        raise ValueError(f"`k` must be positive. Received: k={k}")
    found = shortlists(models, requests, k=k)
    asked = [_asked(shortlist, k) for shortlist in found]
    texts = [
        request.utterance if shortlist.named is None else shortlist.named.text
        for request, shortlist in zip(requests, found, strict=True)
    ]
    readings = _read(models, texts, asked)
    return [
        HypothesisList(
            request=request,
            hypotheses=tuple(
                hypothesis
                for candidate in own
                for hypothesis in domain_hypotheses(
                    candidate, read.get(candidate.domain), offset=request.utterance.rfind(text)
                )
            ),
            reject=shortlist.reject,
        )
        for request, shortlist, text, own, read in zip(requests, found, texts, asked, readings, strict=True)
    ]


def _asked(shortlist: Shortlist, k: int) -> list[Proposed]:
    named = shortlist.named
    asked = [Proposed(*candidate) for candidate in shortlist.candidates]
    if named is None or any(candidate.skill_id == named.skill_id for candidate in asked):
        return asked
    return [*asked[: k - 1], Proposed(named.skill_id, shortlist.release.domains[named.skill_id], None)]


def _read(
    models: Models, texts: Sequence[str], asked: Sequence[Sequence[Proposed]]
) -> list[dict[str, DomainAnswer]]:
    """For each request the answers of the domains that have a candidate and a model; one call a domain."""
    rows_of: defaultdict[str, dict[int, list[str]]] = defaultdict(dict)
    for row, candidates in enumerate(asked):
        for candidate in candidates:
            rows_of[candidate.domain].setdefault(row, []).append(candidate.skill_id)
    found: list[dict[str, DomainAnswer]] = [{} for _ in texts]
    for domain, rows in rows_of.items():
        model = domain_model(domain)
        if models.serves(model):
            inputs = domain_inputs([texts[row] for row in rows], list(rows.values()))
            answers = read_readings(models.run(model, inputs).outputs)
            for (row, skills), answer in zip(rows.items(), answers, strict=True):
                found[row][domain] = DomainAnswer.of(answer, skills)
    return found
