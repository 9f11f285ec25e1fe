"""Lists as the tensors that a training step reads."""

from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.hyprank.lists import RankLists, Rows

Floats = npt.NDArray[np.float32]


def signature(features: int, skill_features: int) -> dict[str, tf.TensorSpec]:
    """Of `batch`, whatever its number of lists and their width: one graph serves them all."""
    flags = {name: tf.TensorSpec([None, None], tf.bool) for name in ("mask", "right", "known")}
    return {
        "features": tf.TensorSpec([None, None, features], tf.float32),
        "skills": tf.TensorSpec([None, None, skill_features], tf.float32),
        "judged": tf.TensorSpec([None], tf.bool),
        "weight": tf.TensorSpec([None], tf.float32),
        **flags,
    }


def batch(lists: RankLists, rows: Rows, table: Floats) -> dict[str, Any]:
    """These lists with the rows of their skills: [B, k, ...], but `judged` and `weight` [B].

    Args:
        table: The skill table, float32 [K + 1, T].
    """
    part = lists.take(rows)
    arrays = {
        "features": part.features,
        "mask": part.mask,
        "skills": table[part.skills],
        "right": part.right,
        "known": part.known & part.mask,
        "judged": part.judged,
        "weight": part.weight,
    }
    return {name: tf.constant(array) for name, array in arrays.items()}
