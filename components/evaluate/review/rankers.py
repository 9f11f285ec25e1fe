"""What the review shows of the system behind the Shortlister: domain models, re-rankers, HypRank."""

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.review.charts.rerankers import curves_of, curves_of_all
from components.records.artifact_files import version_folder_in
from components.records.reliability import SERVED, Curve, Reliability, read_reliability
from components.records.version_folder import MANIFEST, read_manifest

MOST_DOMAINS = 24
"""Small multiples that are drawn; the table has every domain."""
MOST_WEIGHTS = 12
"""Weights of a domain that are shown; `reliability.json` has all."""
HYPRANK_FIGURES = {
    "candidates": "skills that the Shortlister proposes for each list",
    "rank_lists": "lists of the rank split that it learnt from",
    "rank_with_a_right_answer": "of these, lists with a right answer: the others teach confidences alone",
    "rank_pseudo_labels": "right skills of these lists that no annotator named",
    "dev_lists": "lists of the dev split that it is calibrated by",
    "dev_with_a_right_answer": "of these, lists with a right answer",
    "dev_top1": "share of dev lists, of those that hold skill_id, whose first hypothesis is skill_id",
    "dev_top1_any_correct": "share of dev lists whose first hypothesis is any right skill; of all lists",
    "dev_ece_before": "ECE of the first hypothesis on dev, before calibration",
    "dev_ece": "the same after it, on the requests that it was fitted to",
    "best_epoch": "epoch whose weights were kept",
}
DOMAIN_FIGURES = {
    "dev_own": "dev requests of the domain",
    "dev_domain_accuracy": "share told apart rightly, own and foreign requests counting the same in all",
    "dev_intent_accuracy": "share of its own requests with the right intent",
    "dev_slot_f1": "F1 of their slots, right with name and all words",
    "dev_frame_accuracy": "share of its own requests with the right intent and all slots",
}


class DomainRow(NamedTuple):
    """A domain's line of the table: requests and accuracy of what is served, its ECE by loss, the floor."""

    domain: str | None
    requests: int
    accuracy: float
    ece: dict[str, float]
    floor: float


class Rankers(NamedTuple):
    """What the page's section is made of; empty where a run trained no rankers.

    Attributes:
        reliability: As the re-rankers' training left it.
        losses: What was compared, in order.
        overall: The curves over all domains.
        domains: A small diagram for each of the domains with the most answers.
        left_out: Domains without a diagram.
        rows: All domains together, then each by name.
        models: Each domain with the figures of its model.
        hyprank: Name, value and meaning of HypRank's figures.
    """

    reliability: Reliability | None = None
    losses: tuple[str, ...] = ()
    overall: Markup = Markup("")
    domains: tuple[Markup, ...] = ()
    left_out: int = 0
    rows: tuple[DomainRow, ...] = ()
    models: tuple[tuple[str, dict[str, float]], ...] = ()
    hyprank: tuple[tuple[str, float, str], ...] = ()


def read_rankers(reliability: Path | None, domain_models: Path | None, hyprank: Path | None) -> Rankers:
    """From the artifacts of a run, as far as it has them.

    Args:
        reliability: Folder of `reliability.json`.
        domain_models: Holds a version folder for each domain.
        hyprank: Folder of HypRank's Model artifact.
    """
    found = Rankers() if reliability is None else of_reliability(read_reliability(reliability))
    if domain_models is not None:
        manifests = [read_manifest(path.parent) for path in sorted(domain_models.glob(f"*/{MANIFEST}"))]
        found = found._replace(models=tuple(sorted((each.domains[0], each.metrics) for each in manifests)))
    return found if hyprank is None else found._replace(hyprank=_hyprank(hyprank))


def of_reliability(found: Reliability) -> Rankers:
    """The re-rankers' part."""
    by_domain: dict[str | None, list[Curve]] = {}
    for curve in found.curves:
        by_domain.setdefault(curve.domain, []).append(curve)
    together = by_domain.pop(None, [])
    largest = sorted(by_domain, key=lambda domain: (-by_domain[domain][-1].requests, domain or ""))
    drawn = sorted(largest[:MOST_DOMAINS], key=str)
    return Rankers(
        reliability=found,
        losses=tuple(curve.loss for curve in together),
        overall=curves_of_all(together),
        domains=tuple(curves_of(domain or "", by_domain[domain]) for domain in drawn),
        left_out=len(largest) - len(drawn),
        rows=tuple(
            _row(domain, each)
            for domain, each in ((None, together), *sorted(by_domain.items(), key=lambda item: str(item[0])))
            if each
        ),
    )


def _hyprank(model: Path) -> tuple[tuple[str, float, str], ...]:
    manifest = read_manifest(version_folder_in(model))
    figures = manifest.metrics
    if manifest.candidates is not None:
        figures = {"candidates": manifest.candidates, **figures}
    return tuple((name, figures[name], said) for name, said in HYPRANK_FIGURES.items() if name in figures)


def _row(domain: str | None, curves: Sequence[Curve]) -> DomainRow:
    served = next((curve for curve in curves if curve.loss == SERVED), curves[-1])
    return DomainRow(
        domain=domain,
        requests=served.requests,
        accuracy=served.accuracy,
        ece={curve.loss: curve.ece for curve in curves},
        floor=served.floor,
    )
