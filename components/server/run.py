"""Runs a signature of a loaded version for a call."""

from collections.abc import Mapping, Sequence

from components.records.array import Array
from components.records.servable import Servable, ServableError
from components.server.errors import numbered


def run(
    servable: Servable, signature: str, inputs: Mapping[str, Array], outputs: Sequence[str]
) -> dict[str, Array]:
    """The outputs by name, see `Servable.predict`. Raises `StatusError` in the model's own words."""
    try:
        return servable.predict(signature, inputs, outputs=outputs)
    except ServableError as error:
        raise numbered(error.code, error.message) from error
