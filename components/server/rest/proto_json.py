"""A protocol buffer as JSON the way TF Serving's C++ library prints it.

Fields by number, indented by one space, defaults too, 64-bit numbers as strings, `<` and `>` escaped.
"""

import base64
import json
import operator
from typing import Any

from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

_LONG = {FieldDescriptor.CPPTYPE_INT64, FieldDescriptor.CPPTYPE_UINT64}
_WRAPPER = "google.protobuf.Int64Value"


def proto_json(message: Message) -> str:
    """`message` as JSON, a line break at its end; its fields are named as in the .proto."""
    return f"{_message(message, 1)}\n"


def _message(message: Message, level: int) -> str:
    fields: list[Any] = sorted(message.DESCRIPTOR.fields, key=operator.attrgetter("number"))
    printed = [
        f"{_text(field.name)}: {_field(field, getattr(message, field.name), level)}"
        for field in fields
        if not field.has_presence or message.HasField(field.name)
    ]
    return _block("{", printed, "}", level)


def _field(field: FieldDescriptor, value: Any, level: int) -> str:
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        kind = field.message_type.fields_by_name["value"]
        entries = [f"{_text(str(key))}: {_value(kind, value[key], level + 1)}" for key in sorted(value)]
        return _block("{", entries, "}", level + 1)
    if field.is_repeated:
        return _block("[", [_value(field, item, level + 1) for item in value], "]", level + 1)
    return _value(field, value, level)


def _value(field: FieldDescriptor, value: Any, level: int) -> str:
    if field.message_type is not None:
        if field.message_type.full_name == _WRAPPER:
            return f'"{value.value}"'
        return _message(value, level + 1)
    if field.enum_type is not None:
        known = field.enum_type.values_by_number.get(value)
        return _text(known.name) if known else str(value)
    if field.cpp_type in _LONG:
        return f'"{value}"'
    if isinstance(value, bytes):
        return f'"{base64.b64encode(value).decode()}"'
    return _text(value) if isinstance(value, str) else json.dumps(value)


def _block(start: str, parts: list[str], end: str, level: int) -> str:
    if not parts:
        return start + end
    line = "\n" + " " * level
    return f"{start}{line}{f',{line}'.join(parts)}{line[:-1]}{end}"


def _text(text: str) -> str:
    return json.dumps(text, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
