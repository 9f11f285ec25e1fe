"""The versions of what a training's numbers depend on."""

import platform

import keras
import numpy as np
import tensorflow as tf


def training_versions() -> dict[str, str]:
    """Version by package, and Python's."""
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }
