"""JSON as TF Serving writes it: indented by four spaces, numbers and escapes in its own forms."""

import contextlib
import math
import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from components.records.array import Array

INDENT = "    "
_ESCAPED = re.compile('["\\\\\x00-\x1f]')
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\b": "\\b", "\f": "\\f", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
_DEBUG_BYTES = 256
_FLOAT_DIGITS = {np.dtype(np.float32): 9, np.dtype(np.float64): 17}


def quoted(text: str) -> str:
    """A JSON string."""
    return f'"{_ESCAPED.sub(lambda found: _escape(found[0]), text)}"'


def _escape(char: str) -> str:
    return _ESCAPES.get(char) or f"\\u{ord(char):04X}"


def decimals(values: Array) -> list[str]:
    """Numbers of a float array [N]: six digits (`%g`) where they say it all, else as many as the type needs;
    `.0` marks a whole number; NaN and the infinities by name."""
    digits = _FLOAT_DIGITS[values.dtype]
    numbers = values.tolist()
    texts = [f"{number:g}" for number in numbers]
    with np.errstate(over="ignore"):
        short = np.array(list(map(float, texts))).astype(values.dtype) == values
    for place in np.flatnonzero(~short).tolist():
        texts[place] = f"{numbers[place]:.{digits}g}"
    return [
        text if "." in text or "e" in text else _marked(text, number)
        for text, number in zip(texts, numbers, strict=True)
    ]


def _marked(text: str, number: float) -> str:
    if math.isfinite(number):
        return f"{text}.0"
    return "NaN" if math.isnan(number) else "Infinity" if number > 0 else "-Infinity"


def nested(leaves: list[str], count: int, shape: Sequence[int], level: int | None) -> list[str]:
    """`count` arrays of `shape`, nested.

    Args:
        leaves: The elements of all of them, the innermost dimension last.
        shape: Of each array; empty: the leaves themselves.
        level: Depth of indentation of the arrays; None: each on one line.
    """
    for depth in reversed(range(len(shape))):
        size = shape[depth]
        arrays = count * math.prod(shape[:depth])
        leaves = [_array(leaves[i * size : (i + 1) * size], level, depth) for i in range(arrays)]
    return leaves


def _array(items: list[str], level: int | None, depth: int) -> str:
    if level is None or not items:
        return f"[{', '.join(items)}]"
    line = "\n" + INDENT * (level + depth + 1)
    return f"[{line}{f',{line}'.join(items)}\n{INDENT * (level + depth)}]"


def error_body(message: str) -> bytes:
    """The body of a refusal."""
    return f'{{\n{INDENT}"error": {quoted(message)}\n}}'.encode(errors="surrogateescape")


def debug_text(value: Any) -> str:
    """A JSON value as an error text shows it: objects indented, arrays on one line, cut where 256 bytes are
    reached (at the end of a part, not within it)."""
    written = _Cut()
    with contextlib.suppress(StopIteration):
        _write(value, written, 0)
    return "".join(written.parts)


class _Cut:
    """Takes parts until they are 256 bytes."""

    def __init__(self) -> None:
        self.parts: list[str] = []
        self._size = 0

    def put(self, prefix: str, part: str) -> None:
        if self._size >= _DEBUG_BYTES:
            raise StopIteration
        self.parts += (prefix, part)
        self._size += len(prefix) + len(part.encode(errors="surrogateescape"))


def _write(value: Any, out: _Cut, level: int, prefix: str = "") -> None:
    if type(value) is list:
        out.put(prefix, "[")
        for index, item in enumerate(value):
            _write(item, out, level + 1, ", " if index else "")
        out.put("", "]")
    elif type(value) is dict:
        out.put(prefix, "{")
        line = "\n" + INDENT * (level + 1)
        for index, (name, item) in enumerate(value.items()):
            out.put("," + line if index else line, quoted(name))
            _write(item, out, level + 1, ": ")
        out.put("\n" + INDENT * level if value else "", "}")
    else:
        out.put(prefix, _scalar(value))


def _scalar(value: Any) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case str():
            return quoted(value)
        case int() if -(2**63) <= value < 2**64:
            return str(value)
        case _:
            return _double(float(value))


def _double(value: float) -> str:
    """The shortest digits that read back as `value`. What is not finite stops the text, as in TF Serving."""
    if not math.isfinite(value):
        raise StopIteration
    sign, digits, exponent = _decimal(value)
    point = len(digits) + exponent  # digits before the decimal point
    if value == 0:
        return f"{sign}0.0"
    if exponent >= 0 and point <= 21:
        return f"{sign}{digits}{'0' * exponent}.0"
    if 0 < point <= 21:
        return f"{sign}{digits[:point]}.{digits[point:]}"
    if -6 < point <= 0:
        return f"{sign}0.{'0' * -point}{digits}"
    return f"{sign}{digits[0]}{'.' if digits[1:] else ''}{digits[1:]}e{point - 1}"


def _decimal(value: float) -> tuple[str, str, int]:
    mantissa, _, power = f"{abs(value)!r}".partition("e")
    whole, _, fraction = mantissa.partition(".")
    digits = (whole + fraction).lstrip("0")
    exponent = int(power or 0) - len(fraction)
    trimmed = digits.rstrip("0")
    return "-" if math.copysign(1, value) < 0 else "", trimmed, exponent + len(digits) - len(trimmed)
