"""Runs a signature of a loaded version for a call."""

import logging
import time
from collections.abc import Mapping, Sequence

from components.records.array import Array
from components.records.servable import Servable, ServableError
from components.server.errors import internal, numbered
from components.server.metrics import RUNTIME_LATENCY

_log = logging.getLogger("arbiter.server")


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
        StatusError: The model's own code and words; INTERNAL where it broke.
    """
    start = time.perf_counter()
    try:
        arrays = servable.predict(signature, inputs, outputs=outputs)
    except ServableError as error:
        raise numbered(error.code, error.message) from error
    except Exception as error:
        _log.exception("signature %s of %s broke", signature, servable.folder)
        raise internal(f"the model broke: {type(error).__name__}") from error
    if api:
        RUNTIME_LATENCY.add((time.perf_counter() - start) * 1e6, model, api, "TF1")
    return arrays
