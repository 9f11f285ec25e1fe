"""Puts values of enabled skills where their skills stand among the heads."""

from typing import Any

from keras import ops


def spread(places: Any, values: Any, size: int) -> Any:
    """Lays each row's values out over `size` places; the rest is 0.

    A place that is named twice in a row counts once: its values are averaged.
    Shapes: B batch, E entries.

    Args:
        places: int [B, E] in [0, size]; place p is column p - 1, and 0 is nowhere.
        values: float [B, E].
        size: Number of columns.

    Returns: float [B, size], the dtype of `values`.
    """
    batch, width = ops.shape(places)[0], ops.shape(places)[1]
    rows = ops.repeat(ops.arange(batch, dtype="int32"), width)  # [B·E]
    indices = ops.stack([rows, ops.reshape(ops.cast(places, "int32"), (-1,))], axis=-1)  # [B·E, 2]
    shape = (batch, size + 1)
    times = ops.scatter(indices, ops.ones_like(ops.reshape(values, (-1,))), shape)  # [B, size + 1]
    shares = values / ops.take_along_axis(times, places, axis=1)  # [B, E]
    return ops.scatter(indices, ops.reshape(shares, (-1,)), shape)[:, 1:]


def places_among(skills: Any, enabled: Any, total: int) -> Any:
    """Where each enabled skill stands among the chosen `skills`.

    Args:
        skills: int [M], distinct skill numbers.
        enabled: int [B, E], skill numbers + 1, 0 = padding.
        total: Number of skills of the catalogue.

    Returns: int32 [B, E]: m + 1 for skill `skills[m]`, 0 for padding and for skills not chosen.
    """
    order = ops.arange(1, ops.shape(skills)[0] + 1, dtype="int32")
    places = ops.scatter(ops.cast(skills, "int32")[:, None] + 1, order, (total + 1,))  # [K + 1]
    return ops.take(places, enabled, axis=0)
