"""The numbers that matter most, of all requests."""

from typing import NamedTuple

from components.evaluate.evaluation import Evaluation
from components.evaluate.slices import slice_name
from components.evaluate.tally import METRICS

HEADLINES = (
    "top1",
    "top3",
    "top5",
    "skill_top1",
    "macro_f1",
    "ece",
    "brier",
    "semer",
    "irer",
    "popular_top1",
    "gain_over_popular",
    "false_refusals",
    "oos_rejection",
)


class Headline(NamedTuple):
    """One number; `interval` is its 95 % interval, None where there is none."""

    metric: str
    value: float
    interval: tuple[float, float] | None
    meaning: str


def headlines(evaluation: Evaluation) -> tuple[Headline, ...]:
    """Each headline number that was measured.

    The last ones are the top-1 on requests whose text train lacks, and on those whose text it has.
    """
    rows = [
        Headline(name, evaluation.overall[name], evaluation.intervals.get(name), METRICS[name])
        for name in HEADLINES
        if name in evaluation.overall
    ]
    for value, words in (("no", "lacks"), ("yes", "has")):
        seen = evaluation.slices.get(slice_name("seen_in_train", value), {})
        if "top1" in seen:
            meaning = f"top1 on the {seen['answerable']:.0f} requests whose text train {words}"
            rows.append(Headline(f"top1, train {words} the text", seen["top1"], None, meaning))
    return tuple(rows)
