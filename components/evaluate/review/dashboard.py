"""What a pipeline's dashboard shows of a run beside the page, as the artifacts of Kubeflow Pipelines hold it.

The metadata here is that of KFP's `dsl.Metrics` and `dsl.ClassificationMetrics`; the page itself is the
content of its `dsl.HTML`. A task gives them to KFP as they are.
"""

from collections.abc import Sequence
from itertools import accumulate
from pathlib import Path
from typing import Any

import msgspec

from components.evaluate.evaluation import Curves
from components.evaluate.headlines import headlines, ten
from components.evaluate.review.found import Found
from components.evaluate.review.overlaps import Overlaps
from components.records.atomic import atomic_write

_FILE = "dashboard.json"


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    """The content of `dashboard.json`.

    Attributes:
        metrics: Metadata of `dsl.Metrics`: `blessed`, 1 or 0, and the ten numbers that matter.
        classification: Metadata of `dsl.ClassificationMetrics`: how the skills that take most requests from
            each other are confused, as far as there are any, and the confidence's ROC curve, which is how
            well it tells right answers from wrong ones.
    """

    metrics: dict[str, float]
    classification: dict[str, Any]


def dashboard(found: Found) -> Dashboard:
    """Of what a run left. Its size is bounded by `ReviewOptions.max_overlaps`."""
    return Dashboard(
        metrics={
            "blessed": float(found.verdict.blessed),
            **{row.metric: row.value for row in ten(headlines(found.evaluation))},
        },
        classification=_confusion_matrix(found.overlaps) | _roc_curve(found.evaluation.curves),
    )


def write_dashboard(folder: Path, found: Found) -> None:
    """Writes `dashboard.json` into `folder`."""
    atomic_write(folder / _FILE, msgspec.json.format(msgspec.json.encode(dashboard(found)), indent=1))


def read_dashboard(folder: Path) -> Dashboard:
    """What `write_dashboard` wrote."""
    return msgspec.json.decode((folder / _FILE).read_bytes(), type=Dashboard)


def _confusion_matrix(overlaps: Overlaps) -> dict[str, Any]:
    if not overlaps.skills:
        return {}
    return {
        "confusionMatrix": {
            "annotationSpecs": [{"displayName": skill} for skill in overlaps.skills],
            "rows": [{"row": list(row)} for row in overlaps.matrix],
        }
    }


def _roc_curve(curves: Curves) -> dict[str, Any]:
    """At each edge of the histogram's bins: the share of right and of wrong answers that are as confident."""
    if not sum(curves.right) or not sum(curves.wrong):
        return {}
    bins = len(curves.right)
    points = zip(_at_least(curves.wrong), _at_least(curves.right), strict=True)
    return {
        "confidenceMetrics": [
            {"confidenceThreshold": (bins - i) / bins, "recall": right, "falsePositiveRate": wrong}
            for i, (wrong, right) in enumerate(points)
        ]
    }


def _at_least(counts: Sequence[int]) -> list[float]:
    """The share in the last 0, 1, … bins.

    >>> _at_least([1, 0, 3])
    [0.0, 0.75, 0.75, 1.0]
    """
    return [count / sum(counts) for count in accumulate(reversed(counts), initial=0)]
