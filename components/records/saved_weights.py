"""The weights of a SavedModel, without its graph."""

from pathlib import Path

import numpy as np
import numpy.typing as npt

_VARIABLES = "variables/variables"


def saved_weights(folder: Path, name: str = "weights") -> list[npt.NDArray[np.generic]]:
    """What the exported module holds as the list `name`, in its order.

    Args:
        folder: The version folder.

    Raises:
        FileNotFoundError: It holds no such list.
    """
    import tensorflow as tf

    try:
        reader = tf.train.load_checkpoint(str(folder / _VARIABLES))
    except (tf.errors.OpError, ValueError) as error:
        raise FileNotFoundError(f"{folder} holds no weights: {error}") from error
    found: list[npt.NDArray[np.generic]] = []
    while reader.has_tensor(key := f"{name}/{len(found)}/.ATTRIBUTES/VARIABLE_VALUE"):
        found.append(reader.get_tensor(key))
    if not found:
        raise FileNotFoundError(f"{folder} holds no weights named {name!r}")
    return found
