"""GetModelMetadata: the signatures of a version."""

from components.records.serving_protos import get_model_metadata_pb2
from components.server.core import ServerCore
from components.server.errors import invalid_argument

SIGNATURE_DEF = "signature_def"


def model_metadata(
    core: ServerCore, request: get_model_metadata_pb2.GetModelMetadataRequest
) -> get_model_metadata_pb2.GetModelMetadataResponse:
    """What `request` asks of the version that it means. Raises `StatusError`."""
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")
    if not request.metadata_field:
        raise invalid_argument("GetModelMetadataRequest must specify at least one metadata_field")
    for field in request.metadata_field:
        if field != SIGNATURE_DEF:
            raise invalid_argument(f"Metadata field {field} is not supported")
    version, servable = core.resolve(request.model_spec)
    signatures = get_model_metadata_pb2.SignatureDefMap()
    for name, proto in servable.signature_defs.items():
        signatures.signature_def[name].CopyFrom(proto)
    response = get_model_metadata_pb2.GetModelMetadataResponse()
    response.model_spec.name = request.model_spec.name
    response.model_spec.version.value = version
    response.metadata[SIGNATURE_DEF].Pack(signatures)
    return response
