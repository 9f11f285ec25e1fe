"""The options of a node: checked where they are made, and read from the JSON that they travel as."""

from types import UnionType
from typing import Any, TypeVar, overload

import msgspec

T = TypeVar("T")


@overload
def read_options(text: str, kind: type[T], *, name: str = ...) -> T: ...


@overload
def read_options(text: str, kind: UnionType, *, name: str = ...) -> Any: ...


def read_options(text: str, kind: Any, *, name: str = "options") -> Any:
    """The JSON of a node's parameter as the struct that it stands for.

    Args:
        text: JSON.
        kind: The struct, or a union of tagged structs; their own checks run.
        name: Of the parameter, for the message.

    Raises:
        ValueError: `text` is no JSON of known fields with values in their ranges.
    """
    try:
        return msgspec.json.decode(text, type=kind)
    except msgspec.MsgspecError as error:
        kinds = " or ".join(one.__name__ for one in getattr(kind, "__args__", (kind,)))
        raise ValueError(f"`{name}` must be JSON of {kinds}: {error}. Received: {name}={text}") from error


def require(holds: bool, name: str, rule: str, value: object) -> None:
    """A check of one option's value; for `__post_init__`.

    >>> require(False, "epochs", "must be at least 1", 0)
    Traceback (most recent call last):
    ValueError: `epochs` must be at least 1. Received: epochs=0

    Raises:
        ValueError: The rule does not hold.
    """
    if not holds:
        raise ValueError(f"`{name}` {rule}. Received: {name}={value}")
