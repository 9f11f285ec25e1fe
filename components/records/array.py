"""The type of an array whose shape and values are only known when it is there."""

from typing import Any

import numpy as np

Array = np.ndarray[Any, np.dtype[Any]]
