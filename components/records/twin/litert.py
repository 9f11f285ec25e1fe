"""`model.tflite` as functions by name."""

import threading
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from components.records.silence import silence

Floats = npt.NDArray[np.float32]


class LiteRt:
    """Runs the signatures of a LiteRT model, one call at a time, on one thread.

    An interpreter of its own for every thread would hold the packed weights once per thread.

    Args:
        path: Of `model.tflite`, which is mapped into memory.

    Raises:
        ValueError: It is not a LiteRT model.
    """

    def __init__(self, path: Path) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self._interpreter = Interpreter(str(path), num_threads=1)
        with silence():  # it would say that it uses its own kernels
            self._interpreter.allocate_tensors()
        self._lock = threading.Lock()
        names = self._interpreter.get_signature_list()
        self._runners = {name: self._interpreter.get_signature_runner(name) for name in names}

    def constant(self, name: str) -> npt.NDArray[Any]:
        """A constant of the model's first graph, as it is mapped into memory."""
        details = self._interpreter.get_tensor_details()
        (index,) = (tensor["index"] for tensor in details if tensor["name"] == name)
        values: npt.NDArray[Any] = self._interpreter.tensor(index)()
        return values

    def __call__(self, signature: str, **inputs: Floats) -> dict[str, Floats]:
        """The outputs of a signature by name; inputs have the shapes that it was made with."""
        with self._lock:
            outputs: dict[str, Floats] = self._runners[signature](**inputs)
        return outputs
