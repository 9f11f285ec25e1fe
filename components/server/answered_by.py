"""Says in an answer which signature of which version gave it."""

from components.records.serving_protos import model_pb2


def fill_answered_by(
    spec: model_pb2.ModelSpec, asked: model_pb2.ModelSpec, *, signature: str, version: int
) -> None:
    """Writes into `spec` the model that was `asked` for, and what of it answered."""
    spec.name = asked.name
    spec.signature_name = signature
    spec.version.value = version
