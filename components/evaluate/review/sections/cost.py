"""What the system costs to serve: bytes, and a sample of latency and memory."""

from typing import NamedTuple

from components.evaluate.review.found import Found
from components.evaluate.review.model_rows import ModelRow
from components.records.serving_cost import ServingCost


class Shown(NamedTuple):
    """`sample`: None where nothing was measured."""

    models: tuple[ModelRow, ...]
    version_bytes: int
    twin_bytes: int
    sample: ServingCost | None


def section(found: Found) -> Shown | None:
    if not found.models and found.cost is None:
        return None
    return Shown(
        found.models,
        sum(row.version_bytes for row in found.models),
        sum(row.twin_bytes for row in found.models),
        found.cost,
    )
