"""JSON as TF Serving reads it (RapidJSON, with NaN and Infinity), down to the words and offset of an error.

Python's own decoder, written in C, reads nearly every body. What it refuses, or might take otherwise than
RapidJSON, is read again by `_Reader`, which knows every rule: numbers too big for a double, lone surrogates,
`Inf` and `-NaN`, a nesting of any depth, bytes after the document (ignored) and where an error is.

Strings come as `str`; bytes in them that are not UTF-8 are kept as surrogates (`surrogateescape`).
"""

import json
import math
import re
from typing import Any

_decode = json.JSONDecoder(object_pairs_hook=lambda pairs: _object(pairs)).raw_decode
_BOM = b"\xef\xbb\xbf"
_SPACE = re.compile(rb"[ \t\r\n]*")
_ALIKE = bytes.maketrans(b"123456789E", b"000000000e")  # every digit as 0: what is looked for is found fast
_LONG_EXPONENT, _LONG_NUMBER = b"e000", b"0" * 300  # it may be no double
_HALF_PAIR = re.compile(  # of surrogates
    rb"\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])"
    rb"|(?<!\\u[dD][89abAB][0-9a-fA-F]{2})\\u[dD][c-fC-F]"
)
_NUMBER = re.compile(rb"(0|[1-9][0-9]*)(\.)?([0-9]*)([eE][+-]?)?([0-9]*)")
_PLAIN = re.compile(rb'[^"\\\x00-\x1f]*')
_HEX4 = re.compile(rb"[0-9a-fA-F]{4}")
_ESCAPES = dict(zip(b'"\\/bfnrt', '"\\/\b\f\n\r\t', strict=True))
_MAX_DOUBLE_EXPONENT = 308
_FRACTION_DIGITS = 17  # of a double, the ones that RapidJSON counts

_VALUE, _FIRST_ELEMENT, _AFTER_ELEMENT, _FIRST_NAME, _NAME, _COLON, _AFTER_MEMBER = range(7)
_UNFINISHED = {
    _VALUE: "Invalid value.",
    _FIRST_ELEMENT: "Invalid value.",
    _AFTER_ELEMENT: "Missing a comma or ']' after an array element.",
    _FIRST_NAME: "Missing a name for object member.",
    _NAME: "Missing a name for object member.",
    _COLON: "Missing a colon after a name of object member.",
    _AFTER_MEMBER: "Missing a comma or '}' after an object member.",
}


class JsonError(ValueError):
    """A body that is no JSON: what is wrong and at which byte, as RapidJSON says it."""

    def __init__(self, message: str, offset: int) -> None:
        super().__init__(f"{message} at offset: {offset}")


def read_json(body: bytes) -> Any:
    """The first document in `body`; what follows it is ignored. Raises `JsonError`."""
    if not _is_doubtful(body):
        start = len(_BOM) if body.startswith(_BOM) else 0
        text = body[start:].decode(errors="surrogateescape").lstrip(" \t\r\n")
        try:
            value, _ = _decode(text)
        except (ValueError, RecursionError):
            value = None
        if type(value) is dict:
            return value
    return _Reader(body).read()


def _is_doubtful(body: bytes) -> bool:
    """Whether Python might read `body` without an error where RapidJSON finds one."""
    alike = body.translate(_ALIKE, b"+")
    if _LONG_EXPONENT in alike or _LONG_NUMBER in alike:
        return True
    return b"\\u" in body and _HALF_PAIR.search(body) is not None


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of a name that is there twice the first value counts."""
    made = dict(pairs)
    if len(made) < len(pairs):
        made = {}
        for name, value in pairs:
            made.setdefault(name, value)
    return made


class _Reader:
    """A reader without recursion. A zero byte ends a body wherever it stands outside of a string."""

    def __init__(self, body: bytes) -> None:
        self._body = body + b"\0"
        self._at = len(_BOM) if body.startswith(_BOM) else 0

    def read(self) -> Any:
        self._skip_space()
        if self._peek() in (0, *b"]},:"):
            raise JsonError("The document is empty.", self._at)
        open_ones: list[Any] = []  # the arrays and objects around the current place
        names: list[str] = []  # of the members that they are values of
        state = _VALUE
        while self._peek():
            byte, value, done = self._peek(), None, False
            if state in (_VALUE, _FIRST_ELEMENT):
                if byte in b"[{":
                    self._at += 1
                    open_ones.append([] if byte == ord("[") else {})
                    state = _FIRST_ELEMENT if byte == ord("[") else _FIRST_NAME
                elif byte == ord("]") and state == _FIRST_ELEMENT:
                    value, done = self._closed(open_ones), True
                elif byte in b"]},:":
                    break
                else:
                    value, done = self._scalar(byte), True
            elif state in (_FIRST_NAME, _NAME) and byte == ord('"'):
                names.append(self._string())
                state = _COLON
            elif state == _COLON and byte == ord(":"):
                self._at += 1
                state = _VALUE
            elif state in (_AFTER_ELEMENT, _AFTER_MEMBER) and byte == ord(","):
                self._at += 1
                state = _VALUE if state == _AFTER_ELEMENT else _NAME
            elif (state, byte) == (_AFTER_ELEMENT, ord("]")) or (
                state in (_FIRST_NAME, _AFTER_MEMBER) and byte == ord("}")
            ):
                value, done = self._closed(open_ones), True
            else:
                break
            if done and not open_ones:
                return value
            if done:
                state = self._put(open_ones[-1], names, value)
            self._skip_space()
        raise JsonError(_UNFINISHED[state], self._at)

    def _closed(self, open_ones: list[Any]) -> Any:
        self._at += 1
        return open_ones.pop()

    @staticmethod
    def _put(container: Any, names: list[str], value: Any) -> int:
        if type(container) is list:
            container.append(value)
            return _AFTER_ELEMENT
        container.setdefault(names.pop(), value)
        return _AFTER_MEMBER

    def _peek(self) -> int:
        return self._body[self._at]

    def _skip_space(self) -> None:
        self._at = _SPACE.match(self._body, self._at).end()  # type: ignore[union-attr]

    def _scalar(self, first: int) -> Any:
        match first:
            case 0x22:  # "
                return self._string()
            case 0x6E:  # n
                return self._word(b"null", None)
            case 0x74:  # t
                return self._word(b"true", True)
            case 0x66:  # f
                return self._word(b"false", False)
            case _:
                return self._number()

    def _word(self, word: bytes, value: Any) -> Any:
        for byte in word:
            if self._peek() != byte:
                raise JsonError("Invalid value.", self._at)
            self._at += 1
        return value

    def _number(self) -> int | float:
        start = self._at
        minus = self._peek() == ord("-")
        self._at += minus
        if self._peek() == ord("N"):
            return float(self._word(b"NaN", math.nan))
        if self._peek() == ord("I"):
            self._word(b"Inf", None)
            if self._peek() == ord("i"):
                self._word(b"inity", None)
            return -math.inf if minus else math.inf
        match = _NUMBER.match(self._body, self._at)
        if match is None:
            raise JsonError("Invalid value.", self._at)
        _, point, fraction, exponent, power = match.groups()
        if fraction and not point:  # cannot be: digits after an integer belong to it, but for "01"
            self._at = match.end(1)
            return 0
        if point and not fraction:
            raise JsonError("Miss fraction part in number.", match.end(2))
        if exponent and not power:
            raise JsonError("Miss exponent in number.", match.end(4))
        if exponent and b"-" not in exponent:
            largest = _MAX_DOUBLE_EXPONENT + min(len(fraction), _FRACTION_DIGITS)
            digits = power.lstrip(b"0")
            if len(digits) > 4 or int(digits or b"0") > largest:
                raise JsonError("Number too big to be stored in double.", start)
        self._at = match.end()
        text = self._body[start : self._at]
        value = float(text)
        if math.isinf(value) and not exponent:
            raise JsonError("Number too big to be stored in double.", start)
        return int(text) if not point and not exponent else value

    def _string(self) -> str:
        self._at += 1
        parts: list[str] = []
        while True:
            end = _PLAIN.match(self._body, self._at).end()  # type: ignore[union-attr]
            parts.append(self._body[self._at : end].decode(errors="surrogateescape"))
            self._at = end
            byte = self._peek()
            if byte == ord('"'):
                self._at += 1
                return "".join(parts)
            if byte != ord("\\"):
                what = (
                    "Invalid encoding in string." if byte else "Missing a closing quotation mark in string."
                )
                raise JsonError(what, end)
            parts.append(self._escape())

    def _escape(self) -> str:
        start = self._at
        kind = self._body[start + 1]
        if kind in _ESCAPES:
            self._at += 2
            return _ESCAPES[kind]
        if kind != ord("u"):
            raise JsonError("Invalid escape character in string.", start)
        high = self._hex4(start + 2, start)
        self._at = start + 6
        if not 0xD800 <= high <= 0xDBFF:
            return chr(high).encode(errors="surrogatepass").decode(errors="surrogateescape")
        if self._body[self._at : self._at + 2] != b"\\u":
            raise JsonError("The surrogate pair in string is invalid.", start)
        low = self._hex4(self._at + 2, start)
        if not 0xDC00 <= low <= 0xDFFF:
            raise JsonError("The surrogate pair in string is invalid.", start)
        self._at += 6
        return chr(0x10000 + ((high - 0xD800) << 10) + (low - 0xDC00))

    def _hex4(self, at: int, start: int) -> int:
        match = _HEX4.match(self._body, at)
        if match is None:
            raise JsonError("Incorrect hex digit after \\u escape in string.", start)
        return int(match[0], 16)
