"""How deep the right skill is in the list, and whether the confidence can be trusted."""

from typing import NamedTuple

from markupsafe import Markup

from components.evaluate.evaluation import Curves
from components.evaluate.review.charts.answers import (
    confidence_histogram,
    recall_curve,
    reliability_diagram,
)
from components.evaluate.review.found import Found


class Shown(NamedTuple):
    """`histogram_rows`: low and high end of each bin of confidence, its right and its wrong requests."""

    curves: Curves
    recall_chart: Markup
    reliability_chart: Markup
    histogram: Markup
    histogram_rows: list[tuple[float, float, int, int]]


def section(found: Found) -> Shown | None:
    curves = found.evaluation.curves
    if not curves.recall:
        return None
    bins = len(curves.right)
    return Shown(
        curves=curves,
        recall_chart=recall_curve(curves.recall),
        reliability_chart=reliability_diagram(curves.equal_width),
        histogram=confidence_histogram(curves.right, curves.wrong),
        histogram_rows=[
            (i / bins, (i + 1) / bins, right, wrong)
            for i, (right, wrong) in enumerate(zip(curves.right, curves.wrong, strict=True))
        ],
    )
