"""What the re-rankers' training says of them: reliability curves R0 to R3, and their weights in words."""

from pathlib import Path

import msgspec

from components.records.atomic import atomic_write
from components.records.reranker import Reranker

SERVED = "as served"
"""Stands where a loss does: the re-ranker that goes into the version folder, with its scale and level set
right after the fit."""

_FILE = "reliability.json"


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """One bin of a reliability diagram; `low` and `high` are Wilson's 95 % interval of `accuracy`."""

    confidence: float
    accuracy: float
    low: float
    high: float
    requests: int


class Curve(msgspec.Struct, frozen=True, kw_only=True):
    """One reliability curve.

    Attributes:
        loss: "R0" to "R3", or any other name of what answered.
        domain: Of the answers; None: all.
        requests: How many.
        accuracy: Share that is right.
        ece, ece_mass: Over bins of equal width and of equal mass.
        floor: The ECE over bins of equal width that a perfectly calibrated model would show on as many
            requests, by chance alone.
        brier: Mean squared distance of the confidence from what happened.
        points: By rising confidence; bins of equal width, those without a request left out.
    """

    loss: str
    domain: str | None
    requests: int
    accuracy: float
    ece: float
    ece_mass: float
    floor: float
    brier: float
    points: tuple[Point, ...]


class WeightsInWords(msgspec.Struct, frozen=True, kw_only=True):
    """A domain's re-ranker for people to read.

    Attributes:
        loss: What its weights are; see `Reranker`.
        lists: Lists that they were learnt from.
        own_share: The declared prior.
        words: What each weight does, the largest first.
    """

    loss: str
    lists: int
    own_share: float
    words: tuple[str, ...]


def in_words(reranker: Reranker) -> WeightsInWords:
    """The weights of a re-ranker in words."""
    return WeightsInWords(
        loss=reranker.loss,
        lists=reranker.lists,
        own_share=reranker.own_share,
        words=tuple(reranker.in_words()),
    )


class Reliability(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `reliability.json`.

    Attributes:
        split: The split that the curves are of.
        curves: For each loss the curve over all domains, then one for each domain that answered a request.
        weights: By domain, of the re-ranker as served.
        without_lists: Domains with a model and no list to learn from; they have no re-ranker.
    """

    split: str
    curves: tuple[Curve, ...]
    weights: dict[str, WeightsInWords]
    without_lists: tuple[str, ...] = ()


def write_reliability(artifact: Path, reliability: Reliability) -> None:
    """Writes the artifact's `reliability.json`."""
    atomic_write(artifact / _FILE, msgspec.json.format(msgspec.json.encode(reliability), indent=1))


def read_reliability(artifact: Path) -> Reliability:
    """What `write_reliability` wrote."""
    return msgspec.json.decode((artifact / _FILE).read_bytes(), type=Reliability)
