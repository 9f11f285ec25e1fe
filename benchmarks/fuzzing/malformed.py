"""What is sent: Hypothesis strategies for each API."""

import json
from typing import Any, NamedTuple

from hypothesis import strategies as st

from components.records.serving_protos import predict_pb2, tensor_pb2, types_pb2
from components.router.api import router_pb2 as pb


class Sent(NamedTuple):
    """A request over HTTP, whose body is sent as it is."""

    method: str
    path: str
    body: bytes


class Message(NamedTuple):
    """Bytes for a method over gRPC."""

    method: str
    body: bytes


_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def _cut(given: tuple[bytes, int, bytes]) -> bytes:
    """A body with a piece of it replaced."""
    body, at, piece = given
    return body[:at] + piece + body[at + 1 :]


def _bodies(documents: st.SearchStrategy[Any]) -> st.SearchStrategy[bytes]:
    whole = documents.map(lambda document: json.dumps(document).encode())
    broken = st.tuples(whole, st.integers(0, 60), st.binary(max_size=3)).map(_cut)
    return whole | broken | st.binary(max_size=300)


_ROUTER_FIELDS = (
    *(
        "utterance",
        "request_id",
        "timestamp",
        "context",
        "recent",
        "enabled_skills",
        "skills",
        "top",
        "explain",
    ),
    *("requests", "outcome", "skill_id", "intent", "slots", "customer_id", "locale", "device", "explain"),
)
_POSTED = ("/v1/route", "/v1/route_batch", "/v1/feedback")
_router_bodies = _bodies(st.dictionaries(st.sampled_from(_ROUTER_FIELDS), _values, max_size=6))
_posted = st.builds(Sent, st.just("POST"), st.sampled_from(_POSTED), _router_bodies)
router_http = st.one_of(
    _posted,
    _posted,
    st.builds(Sent, st.sampled_from(("PUT", "GET")), st.just("/v1/customers/a"), _router_bodies),
    st.builds(
        Sent,
        st.sampled_from(("POST", "PUT", "GET", "DELETE")),
        st.sampled_from((*_POSTED, "/v1/customers/", "/v1/x", "/", "/metrics", "/readyz")),
        _router_bodies,
    ),
)

_text = st.text(max_size=40).map(lambda text: text.encode("utf-8", "replace").decode())
_int64, _int32 = st.integers(-(2**63), 2**63 - 1), st.integers(-(2**31), 2**31 - 1)
_routes = st.builds(
    lambda text, other, number, top: pb.RouteRequest(
        utterance=text,
        request_id=other,
        timestamp_micros=number,
        customer_id=other,
        top=top,
        explain=number % 2 == 0,
        context=pb.Context(previous_skill=other, turn=number),
        recent=pb.Uses(uses=[pb.Use(skill_id=other, timestamp_micros=number)]),
        skills=[pb.OfferedSkill(skill_id=other, intents=[pb.Intent(name=text, slots=[other])])],
    ),
    _text,
    _text,
    _int64,
    _int32,
)
_feedback = st.builds(
    lambda text, other, start, end: pb.FeedbackRequest(
        request_id=text,
        outcome=other,
        skill_id=other,
        slots=[pb.Slot(name=text, value=other, start=start, end=end)],
    ),
    _text,
    _text | st.sampled_from(("handled", "rejected", "out_of_scope", "unknown")),
    _int32,
    _int32,
)
_ROUTER_METHODS = [f"/arbiter.v1.Router/{name}" for name in ("Route", "RouteBatch", "Feedback", "None")]
router_grpc = st.one_of(
    st.builds(Message, st.sampled_from(_ROUTER_METHODS), st.binary(max_size=300)),
    _routes.map(lambda message: Message(_ROUTER_METHODS[0], message.SerializeToString())),
    _feedback.map(lambda message: Message(_ROUTER_METHODS[2], message.SerializeToString())),
    st.lists(_routes, max_size=3).map(
        lambda some: Message(_ROUTER_METHODS[1], pb.RouteBatchRequest(requests=some).SerializeToString())
    ),
)

_SERVED_FIELDS = ("signature_name", "instances", "inputs", "examples", "context")
_INPUTS = ("utterance", "enabled", "k", "skill_ids", "features", "mask")
_tensors = st.dictionaries(st.sampled_from(_INPUTS), _values, max_size=4)
_PIECES = (
    *("/v1", "/models", "/shortlister", "/hyprank", "/versions/", "/labels/", "1", "9" * 30, ":predict"),
    *("/metadata", "%", "%00", "%ff", "?", "é", ":", "//", ":classify"),
)
_MODEL = "/v1/models/shortlister"
_served_bodies = _bodies(st.dictionaries(st.sampled_from(_SERVED_FIELDS), _tensors | _values, max_size=4))
_verbs = st.sampled_from([f"{_MODEL}:{verb}" for verb in ("predict", "predict", "classify", "regress")])
_places = st.lists(st.sampled_from(_PIECES), max_size=7).map(lambda pieces: "/" + "".join(pieces))
server_http = st.builds(Sent, st.just("POST"), _verbs, _served_bodies) | st.builds(
    Sent, st.sampled_from(("POST", "GET", "OPTIONS")), _places, _served_bodies
)

_SERVED_METHODS = [
    f"/tensorflow.serving.{service}/{method}"
    for service, methods in (
        ("PredictionService", ("Predict", "Classify", "Regress", "MultiInference", "GetModelMetadata")),
        ("ModelService", ("GetModelStatus", "NoSuchCall")),
    )
    for method in methods
]
_ASKED = predict_pb2.PredictRequest(
    model_spec={"name": "shortlister"}, output_filter=["skill_ids"]
).SerializeToString()


def _tensor(dtype: int, sizes: list[int], texts: list[bytes], numbers: list[int], content: bytes) -> Any:
    tensor = tensor_pb2.TensorProto(dtype=dtype, string_val=texts, int_val=numbers, tensor_content=content)
    for size in sizes:
        tensor.tensor_shape.dim.add().size = size
    return tensor


_protos = st.builds(
    _tensor,
    st.sampled_from([types_pb2.DT_STRING, types_pb2.DT_INT32, *types_pb2.DataType.values()]),
    st.lists(st.sampled_from([0, 1, 2, -1, 2**31, 2**62]), max_size=3),
    st.lists(st.binary(max_size=6), max_size=4),
    st.lists(_int32, max_size=2),
    st.binary(max_size=8),
)


def _predict(inputs: dict[str, Any], signature: str, outputs: list[str]) -> Message:
    request = predict_pb2.PredictRequest(inputs=inputs, output_filter=outputs)
    request.model_spec.name, request.model_spec.signature_name = "shortlister", signature
    return Message(_SERVED_METHODS[0], request.SerializeToString())


server_grpc = st.one_of(
    st.builds(Message, st.sampled_from(_SERVED_METHODS), st.binary(max_size=60)),
    st.builds(
        lambda method, cut, more: Message(method, _ASKED[:cut] + more),
        st.sampled_from(_SERVED_METHODS),
        st.integers(0, len(_ASKED)),
        st.binary(max_size=9),
    ),
    st.builds(
        _predict,
        st.dictionaries(st.sampled_from(_INPUTS), _protos, max_size=4),
        st.sampled_from(["", "serving_default", "?"]),
        st.lists(st.sampled_from(["skill_ids", "scores", "y"]), max_size=2),
    ),
)
