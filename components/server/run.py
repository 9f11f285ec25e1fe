"""Runs a signature of a loaded version for a call."""

import time
from collections.abc import Mapping, Sequence

from components.records.array import Array
from components.records.servable import Servable, ServableError
from components.server.errors import numbered
from components.server.metrics import RUNTIME_LATENCY


def run(
    servable: Servable,
    signature: str,
    inputs: Mapping[str, Array],
    outputs: Sequence[str],
    *,
    model: str = "",
    api: str = "",
) -> dict[str, Array]:
    """The outputs by name, see `Servable.predict`.

    Args:
        model, api: What the time it took is recorded for; no api: it is not.

    Raises:
        StatusError: The model's own code and words.
    """
    start = time.perf_counter()
    try:
        arrays = servable.predict(signature, inputs, outputs=outputs)
    except ServableError as error:
        raise numbered(error.code, error.message) from error
    if api:
        RUNTIME_LATENCY.add((time.perf_counter() - start) * 1e6, model, api, "TF1")
    return arrays
