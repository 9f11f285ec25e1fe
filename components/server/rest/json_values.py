"""JSON values: the body's document, what a value is called, bytes in base64."""

import base64
import binascii
import re
from collections.abc import Mapping
from typing import Any

from components.server.errors import StatusError, invalid_argument
from components.server.rest.json_reader import JsonError, read_json
from components.server.rest.json_writer import debug_text

_BASE64 = re.compile(rb"[A-Za-z0-9+/]*={0,2}")
_BASE64_SPACE = bytes(range(9, 14)) + b" "
_TYPES = {type(None): "Null", dict: "Object", list: "Array", str: "String", int: "Number", float: "Number"}


def read_body(body: bytes) -> dict[str, Any]:
    """The JSON object that a body holds. Raises `StatusError`."""
    if not body:
        raise invalid_argument("JSON Parse error: The document is empty")
    try:
        document = read_json(body)
    except JsonError as error:
        raise invalid_argument(f"JSON Parse error: {error}") from error
    if type(document) is not dict:
        raise format_error(document, "Is not object")
    return document


def read_signature_name(document: dict[str, Any]) -> str:
    """The signature that a document asks for; none named is the empty string. Raises `StatusError`."""
    name = document.get("signature_name", "")
    if type(name) is not str:
        raise format_error(document, "not formatted correctly. 'signature_name' key must be a string value.")
    return well_formed(name)


def format_error(value: Any, problem: str) -> StatusError:
    return invalid_argument(f"JSON Value: {debug_text(value)} {problem}")


def well_formed(text: str) -> str:
    """`text` without the bytes that are no UTF-8, which a protocol buffer's text cannot hold."""
    return text.encode(errors="surrogateescape").decode(errors="replace")


def json_type(value: Any) -> str:
    """What a JSON value is called."""
    return _TYPES.get(type(value)) or str(value)


def is_base64(value: Any) -> bool:
    """Whether a JSON value stands for bytes: `{"b64": "..."}`."""
    return type(value) is dict and len(value) == 1 and type(value.get("b64")) is str


def read_base64(value: Mapping[str, str]) -> bytes:
    """The bytes that `{"b64": "..."}` stands for; padding may be left out. Raises `StatusError`."""
    text = value["b64"].encode(errors="surrogateescape").translate(None, _BASE64_SPACE)
    text = text.replace(b".", b"=")
    bare = text.rstrip(b"=")
    if _BASE64.fullmatch(text) and (bare == text or len(text) % 4 == 0):
        try:
            return base64.b64decode(bare + b"=" * (-len(bare) % 4))
        except binascii.Error:  # one character too many
            pass
    raise invalid_argument("Unable to base64 decode")
