"""Paths of the REST API: what a request line asks for."""

import re
from typing import NamedTuple
from urllib.parse import unquote_to_bytes

from components.records.serving_protos import model_pb2
from components.server.errors import StatusError, invalid_argument
from components.server.rest.json_values import well_formed

_WHICH = r"(?:(?:/versions/(\d+))|(?:/labels/([^/:]+)))?"
_RUN = re.compile(rf"/v1/models/([^/:]+){_WHICH}:(classify|regress|predict)", re.IGNORECASE | re.ASCII)
_READ = re.compile(rf"/v1/models(?:/([^/:]+))?{_WHICH}(?:/(metadata))?", re.IGNORECASE | re.ASCII)
_MAX_INT64 = 2**63 - 1
_DIGITS = len(str(_MAX_INT64))


class Route(NamedTuple):
    """What a path asks for.

    Attributes:
        verb: "classify", "regress", "predict", "metadata" or "" for the status.
        spec: The model, and the version or label of it.
    """

    verb: str
    spec: model_pb2.ModelSpec


class VersionError(Exception):
    """A version number that no model can have; TF Serving answers it with an empty body."""


def is_api(target: str) -> bool:
    """Whether a path with its query is below /v1/."""
    return target[:4].lower() == "/v1/" and "\n" not in target


def parse(method: str, target: str) -> Route | None:
    """The route of a path with its query; None where there is no such path.

    Raises:
        VersionError: The version is too large a number.
    """
    pattern = {"POST": _RUN, "GET": _READ}.get(method)
    found = pattern.fullmatch(target) if pattern else None
    if found is None:
        return None
    name, version, label, verb = found.groups()
    spec = model_pb2.ModelSpec(name=_decoded(name or ""))
    if version:
        number = version.lstrip("0") or "0"
        if len(number) > _DIGITS or int(number) > _MAX_INT64:
            raise VersionError
        spec.version.value = int(number)
    if label:
        spec.version_label = _decoded(label)
    if method == "GET":
        return Route("metadata" if verb == "metadata" else "", spec)
    return Route(verb, spec) if verb.islower() else None


def malformed(method: str, target: str) -> StatusError:
    """The refusal of a path that is not there."""
    return invalid_argument(f"Malformed request: {method} {target}")


def _decoded(text: str) -> str:
    raw = unquote_to_bytes(text.encode(errors="surrogateescape"))
    return well_formed(raw.decode(errors="surrogateescape"))
