"""GetModelStatus: where the versions of a model are in their lives."""

from components.records.serving_protos import get_model_status_pb2
from components.server.core import ServerCore
from components.server.errors import invalid_argument, not_found


def model_status(
    core: ServerCore, request: get_model_status_pb2.GetModelStatusRequest
) -> get_model_status_pb2.GetModelStatusResponse:
    """The state of the version that `request` names, or of all of its model's, newest first.

    Raises:
        StatusError: There is no such model or version.
    """
    if not request.HasField("model_spec"):
        raise invalid_argument("Missing ModelSpec")
    spec = request.model_spec
    states = core.manager.states(spec.name)
    if spec.WhichOneof("version_choice") == "version":  # a label is ignored, as TF Serving does
        number = spec.version.value
        if number not in states:
            raise not_found(f"Could not find version {number} of model {spec.name}")
        states = {number: states[number]}
    if not states:
        raise not_found(f"Could not find any versions of model {spec.name}")
    response = get_model_status_pb2.GetModelStatusResponse()
    for number, state in states.items():
        status = response.model_version_status.add(version=number, state=int(state.state))
        status.status.SetInParent()
        if state.failure is not None:
            status.status.error_code = state.failure.code
            status.status.error_message = state.failure.message
    return response
