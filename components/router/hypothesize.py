"""From requests to hypothesis lists: candidates read by their domains' models, in batch and live alike."""

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from components.records.domain_hypotheses import DomainAnswer, Proposed, domain_hypotheses
from components.records.domain_signature import domain_inputs, domain_model, read_readings
from components.records.hypothesis_list import HypothesisList
from components.records.offered import offered_readings, offers
from components.records.request import Request
from components.router.models import Models, Release, run_all
from components.router.shortlist import Shortlist, shortlists


class Hypotheses(NamedTuple):
    """Requests with their candidates read.

    Attributes:
        shortlists: What the Shortlister says of each request.
        lists: The hypotheses of each request.
        domains: The version that read the candidates of a domain, by domain; of those with a model.
    """

    shortlists: list[Shortlist]
    lists: list[HypothesisList]
    domains: dict[str, Release]


def hypothesize(models: Models, requests: Sequence[Request], *, k: int) -> list[HypothesisList]:
    """The hypotheses of each request; see `hypotheses`."""
    return hypotheses(models, requests, k=k).lists


def hypotheses(models: Models, requests: Sequence[Request], *, k: int) -> Hypotheses:
    """The hypotheses of each request, in the requests' order; see `HypothesisList` for theirs.

    It reads what a live request has and nothing that is known afterwards; see `compose`. A skill that the
    request names outright is a candidate whatever the Shortlister says, and so is the skill that handled the
    turn before: "yes, please" says nothing of either. The last ones give way if need be; the score is absent
    where the Shortlister did not propose the skill. Of a request that names a skill the models read the
    command alone; slots are places in the utterance all the same. A candidate whose domain has no model, or
    one that does not know the skill, gets one hypothesis with the skill only. A request that says which
    skills it may be routed to gets those alone, read as it says.

    Each model is asked once, so that no two of its versions answer.

    Args:
        k: Candidates of a request; fewer where the Shortlister knows fewer.

    Raises:
        ValueError: `k` is not positive, or the Shortlister names a skill that its manifest lacks.
    """
    if k < 1:
        raise ValueError(f"`k` must be positive. Received: k={k}")
    found = shortlists(models, requests, k=k)
    asked = [_asked(shortlist, request, k) for request, shortlist in zip(requests, found, strict=True)]
    texts = [
        request.utterance if shortlist.named is None else shortlist.named.text
        for request, shortlist in zip(requests, found, strict=True)
    ]
    readings, domains = _read(models, texts, asked)
    lists = [
        HypothesisList(
            request=request,
            hypotheses=tuple(
                hypothesis
                for candidate in own
                for hypothesis in offered_readings(
                    request,
                    tuple(
                        domain_hypotheses(
                            candidate, read.get(candidate.domain), offset=request.utterance.rfind(text)
                        )
                    ),
                )
            ),
            reject=shortlist.reject,
        )
        for request, shortlist, text, own, read in zip(requests, found, texts, asked, readings, strict=True)
    ]
    return Hypotheses(found, lists, domains)


def _asked(shortlist: Shortlist, request: Request, k: int) -> list[Proposed]:
    """The candidates, and beside them whom the request names and who handled the turn before."""
    domains = shortlist.release.domains
    asked = {candidate.skill_id: Proposed(*candidate) for candidate in shortlist.candidates}
    wanted = (shortlist.named and shortlist.named.skill_id, request.context.previous_skill)
    others = dict.fromkeys(
        skill for skill in wanted if skill in domains and skill not in asked and offers(request, skill)
    )
    added = [Proposed(skill, domains[skill], None) for skill in others if skill is not None][:k]
    return [*list(asked.values())[: k - len(added)], *added]


def _read(
    models: Models, texts: Sequence[str], asked: Sequence[Sequence[Proposed]]
) -> tuple[list[dict[str, DomainAnswer]], dict[str, Release]]:
    """For each request the answers of the domains that have a candidate and a model, and who answered."""
    rows_of: defaultdict[str, dict[int, list[str]]] = defaultdict(dict)
    for row, candidates in enumerate(asked):
        for candidate in candidates:
            rows_of[candidate.domain].setdefault(row, []).append(candidate.skill_id)
    answers = run_all(
        models,
        {
            domain_model(domain): domain_inputs([texts[row] for row in rows], list(rows.values()))
            for domain, rows in rows_of.items()
        },
    )
    found: list[dict[str, DomainAnswer]] = [{} for _ in texts]
    releases = {}
    for domain, rows in rows_of.items():
        answer = answers.get(domain_model(domain))
        if answer is not None:
            releases[domain] = answer.release
            for (row, skills), reading in zip(rows.items(), read_readings(answer.outputs), strict=True):
                found[row][domain] = DomainAnswer.of(reading, skills)
    return found, releases
