"""The TensorFlow Metadata schema of request Examples, made from the one list of features."""

from pathlib import Path

from tensorflow_metadata.proto.v0 import schema_pb2

from components.records.atomic import atomic_write
from components.records.features import REQUEST_FEATURES, F, Feature
from components.records.request import OUTCOMES, SPLITS

SCHEMA_FILE = "schema.pbtxt"

_DOMAINS = {F.OUTCOME: OUTCOMES, F.SPLIT: SPLITS}
_BOUNDS = {
    F.TURN: (0, None),
    F.NEW_INTENT: (0, 1),
    F.SLOT_STARTS: (0, None),
    F.SLOT_ENDS: (1, None),
    F.ROUTED_VERSIONS: (0, None),
    F.ROUTED_EXPLORED: (0, 1),
}
_WRITTEN = frozenset({F.SPLIT})
"""Features that Ingest writes on every request, whether or not the record brought them."""

_TYPES = {"bytes": schema_pb2.BYTES, "int64": schema_pb2.INT, "float": schema_pb2.FLOAT}


def request_schema() -> schema_pb2.Schema:
    """Types, presence, number of values and domains of `REQUEST_FEATURES`."""
    schema = schema_pb2.Schema()
    for name, feature in REQUEST_FEATURES.items():
        _add(schema, name, feature)
    return schema


def schema_text() -> str:
    """The schema as text: what `schema.pbtxt` holds, and what says whether a cached one still holds."""
    from google.protobuf import text_format

    text: str = text_format.MessageToString(request_schema())
    return text


def write_schema(folder: Path) -> None:
    """Writes `schema.pbtxt`."""
    atomic_write(folder / SCHEMA_FILE, schema_text())


def _add(schema: schema_pb2.Schema, name: str, feature: Feature) -> None:
    entry = schema.feature.add(name=name, type=_TYPES[feature.kind])
    always = feature.required or name in _WRITTEN
    entry.presence.min_fraction = 1.0 if always else 0.0
    entry.presence.min_count = 1 if always else 0
    entry.value_count.min = 1
    if not feature.many:
        entry.value_count.max = 1
    if name in _DOMAINS:
        entry.string_domain.name = name
        entry.string_domain.value.extend(_DOMAINS[name])
    if name in _BOUNDS:
        least, most = _BOUNDS[name]
        entry.int_domain.min = least
        if most is not None:
            entry.int_domain.max = most
