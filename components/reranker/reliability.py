"""Reliability curves: how often a domain's hypotheses are right, over how sure the re-ranker was of them.

One curve over all domains and one for each, so that R0 to R3 can be drawn side by side. The event is that the
whole hypothesis is right: skill, intent and all slots; the answer of a request is its best hypothesis.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from components.records.calibration import (
    Bins,
    brier,
    calibration_floor,
    equal_mass,
    equal_width,
    expected_calibration_error,
    reliability,
    wilson,
)
from components.records.reliability import Curve, Point
from components.reranker.lists import Bools, Floats, Ints


@dataclass(frozen=True)
class Answers:
    """The best hypothesis of each of R requests.

    Attributes:
        domain: int [R], a number for the domain of each answer.
        confidence: float [R], the probability that it is right, as said.
        right: bool [R], whether it was.
    """

    domain: Ints
    confidence: Floats
    right: Bools

    def of(self, domain: int) -> "Answers":
        """Those answered by one domain."""
        rows = self.domain == domain
        return Answers(self.domain[rows], self.confidence[rows], self.right[rows])


def curve(loss: str, domain: str | None, answers: Answers) -> Curve:
    """The curve of these answers; without any, all figures are 0."""
    confidence, right = answers.confidence, answers.right
    bins = reliability(confidence, right, equal_width(confidence))
    mass = reliability(confidence, right, equal_mass(confidence))
    return Curve(
        loss=loss,
        domain=domain,
        requests=len(right),
        accuracy=float(right.mean()) if len(right) else 0.0,
        ece=expected_calibration_error(bins),
        ece_mass=expected_calibration_error(mass),
        floor=calibration_floor(bins),
        brier=brier(confidence, right),
        points=tuple(_points(bins)),
    )


def curves(answers: Mapping[str, Answers], domains: Mapping[int, str]) -> list[Curve]:
    """For each loss the curve over all domains, then one for each domain that answered any request.

    Args:
        answers: By loss.
        domains: The name of each number in `Answers.domain`.
    """
    found = []
    for loss, all_of_them in answers.items():
        found.append(curve(loss, None, all_of_them))
        parts = ((name, all_of_them.of(number)) for number, name in domains.items())
        found += [curve(loss, name, part) for name, part in parts if len(part.right)]
    return found


def worst_domain(found: list[Curve], loss: str, *, least: int = 1) -> float:
    """The largest ECE of a domain with at least `least` requests under a loss; 0 where there is none."""
    return max(
        (c.ece for c in found if c.loss == loss and c.domain is not None and c.requests >= least), default=0.0
    )


def _points(bins: Bins) -> Iterator[Point]:
    for size, confidence, accuracy in zip(bins.size, bins.confidence, bins.accuracy, strict=True):
        low, high = wilson(float(accuracy), int(size))
        yield Point(
            confidence=float(confidence), accuracy=float(accuracy), low=low, high=high, requests=int(size)
        )
