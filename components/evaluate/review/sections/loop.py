"""What the learning loop did."""

from components.evaluate.review.found import Found
from components.evaluate.review.loop import Loop


def section(found: Found) -> Loop | None:
    return found.loop if found.loop.mechanisms else None
