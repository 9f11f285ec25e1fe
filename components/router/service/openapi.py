"""What the REST API takes and answers, as an OpenAPI 3.1 document made from the types themselves."""

from functools import cache
from typing import Any

import msgspec

from components.router.api.answers import (
    CustomerAnswer,
    FeedbackAnswer,
    Problem,
    RouteAnswer,
    RouteBatchAnswer,
)
from components.router.api.calls import CustomerCall, FeedbackCall, RouteBatchCall, RouteCall

_REFUSALS = {
    400: "The call breaks a rule, which `error` names.",
    401: "The key is missing or wrong.",
    408: "The body did not come in time.",
    413: "The body is too large.",
    429: "Too many requests at once; try again after `retry-after-ms`.",
    500: "A mistake of the router's.",
    503: "The router is shutting down, or what it needs does not answer; `retry-after-ms` may say when.",
    504: "The deadline has passed.",
}
_KEY = {"key": {"type": "apiKey", "in": "header", "name": "x-api-key"}}
_TIMEOUT = {
    "name": "x-timeout-ms",
    "in": "header",
    "required": False,
    "description": "Milliseconds after which an answer is of no use.",
    "schema": {"type": "integer", "minimum": 1, "maximum": 999_999_999},
}
_CUSTOMER_ID = {
    "name": "customer_id",
    "in": "path",
    "required": True,
    "schema": {"type": "string", "minLength": 1, "maxLength": 1024},
}
_TYPES = (
    RouteCall,
    RouteBatchCall,
    FeedbackCall,
    CustomerCall,
    RouteAnswer,
    RouteBatchAnswer,
    FeedbackAnswer,
    CustomerAnswer,
    Problem,
)


@cache
def openapi() -> bytes:
    """The document, as JSON."""
    _, schemas = msgspec.json.schema_components(_TYPES, ref_template="#/components/schemas/{name}")
    document = {
        "openapi": "3.1.0",
        "info": {"title": "Arbiter's router", "version": "1"},
        "paths": {
            "/v1/route": {
                "post": _operation("Routes one request.", RouteCall, RouteAnswer, parameters=[_TIMEOUT])
            },
            "/v1/route_batch": {
                "post": _operation(
                    "Routes several requests with one version of each model, or, of a canary, with two.",
                    RouteBatchCall,
                    RouteBatchAnswer,
                    parameters=[_TIMEOUT],
                )
            },
            "/v1/feedback": {
                "post": _operation(
                    "Says what came of a routed request; answered when it is on disk.",
                    FeedbackCall,
                    FeedbackAnswer,
                    more={
                        404: "No request of that id was routed here lately.",
                        501: "This router keeps no feedback.",
                        507: "It cannot be stored now; nothing was.",
                    },
                )
            },
            "/v1/customers/{customer_id}": {
                "get": _operation(
                    "The skills that a customer has enabled.",
                    None,
                    CustomerAnswer,
                    parameters=[_CUSTOMER_ID],
                    more={501: "This router keeps nothing of customers."},
                ),
                "put": _operation(
                    "Replaces the skills that a customer has enabled.",
                    CustomerCall,
                    CustomerAnswer,
                    parameters=[_CUSTOMER_ID],
                    more={501: "This router keeps nothing of customers."},
                ),
            },
            "/healthz": {"get": _page("Whether the process lives.", {200: "It does."})},
            "/readyz": {"get": _page("Whether requests are answered.", {200: "They are.", 503: "Not now."})},
            "/metrics": {"get": _page("For Prometheus.", {200: "In its text format."})},
        },
        "components": {"schemas": schemas, "securitySchemes": _KEY},
    }
    return msgspec.json.encode(document)


def _operation(
    summary: str,
    call: type | None,
    answer: type,
    *,
    parameters: list[dict[str, Any]] | None = None,
    more: dict[int, str] | None = None,
) -> dict[str, Any]:
    refusals = {**_REFUSALS, **(more or {})}
    operation: dict[str, Any] = {
        "summary": summary,
        "security": [{}, {"key": []}],
        "parameters": parameters or [],
        "responses": {
            "200": {"description": "The answer.", "content": _content(answer)},
            **{
                str(status): {"description": words, "content": _content(Problem)}
                for status, words in sorted(refusals.items())
            },
        },
    }
    if call is not None:
        operation["requestBody"] = {"required": True, "content": _content(call)}
    return operation


def _content(kind: type) -> dict[str, Any]:
    return {"application/json": {"schema": {"$ref": f"#/components/schemas/{kind.__name__}"}}}


def _page(summary: str, statuses: dict[int, str]) -> dict[str, Any]:
    return {
        "summary": summary,
        "responses": {
            str(status): {"description": words, "content": {"text/plain": {"schema": {"type": "string"}}}}
            for status, words in statuses.items()
        },
    }
