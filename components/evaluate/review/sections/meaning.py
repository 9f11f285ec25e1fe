"""What the words of the page mean."""

from typing import NamedTuple

from components.evaluate import bootstrap, f1, popularity
from components.evaluate.metrics import meanings
from components.evaluate.review.found import Found
from components.evaluate.slices import FEATURES

_ACCURACY = (
    "A request counts for accuracy where a right skill is known: its skill_id (unless that skill failed) or "
    "one of also_correct. Requests marked out of scope count for refusal alone; unlabelled ones count for "
    "nothing. Accuracy is of the best hypothesis, whether or not it was accepted."
)


class Shown(NamedTuple):
    """`metrics` and `slices`: meaning by name."""

    lines: tuple[str, ...]
    metrics: dict[str, str]
    slices: dict[str, str]


def section(_: Found) -> Shown:
    lines = (_ACCURACY, f1.POLICY, popularity.RULE, f"Intervals: {bootstrap.METHOD}")
    return Shown(lines, meanings(), FEATURES)
