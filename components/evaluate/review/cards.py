"""Any JSON that a node left, as rows of a table: the review shows what is there, whatever its fields."""

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

_LONGEST_LIST = 8
_LONGEST_TEXT = 300
_MOST_ROWS = 200

Rows = list[tuple[str, str]]


def card(folder: Path, name: str, leave_out: frozenset[str] = frozenset()) -> Rows:
    """The rows of `folder/name`; where there is none, or it is no JSON object, one row that says so."""
    path = folder / name
    if not path.is_file():
        return [(name, "not there")]
    try:
        content = json.loads(path.read_bytes())
    except ValueError as error:
        return [(name, f"cannot be read: {error}")]
    if not isinstance(content, dict):
        return [(name, "holds no object")]
    return rows({key: value for key, value in content.items() if key not in leave_out})


def content(folder: Path | None, name: str) -> dict[str, Any]:
    """The JSON object in `folder/name`; empty where there is none."""
    path = None if folder is None else folder / name
    if path is None or not path.is_file():
        return {}
    try:
        found = json.loads(path.read_bytes())
    except ValueError:  # `card` says so
        return {}
    return found if isinstance(found, dict) else {}


def rows(content: Mapping[str, Any]) -> Rows:
    """Name and value of every leaf, nested names joined by dots; lists of objects by number and last item.

    >>> rows({"a": {"b": 1, "c": [1, 2]}, "d": 0.5})
    [('a.b', '1'), ('a.c', '1, 2'), ('d', '0.5')]
    """
    found = list(_leaves("", content))
    if len(found) > _MOST_ROWS:
        found[_MOST_ROWS:] = [("…", f"{len(found) - _MOST_ROWS} more")]
    return found


def _leaves(prefix: str, value: Any) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value:
        for key, inner in value.items():
            yield from _leaves(f"{prefix}.{key}" if prefix else str(key), inner)
    elif isinstance(value, Sequence) and not isinstance(value, str):
        if value and isinstance(value[0], Mapping):
            yield f"{prefix}.number", str(len(value))
            yield from _leaves(f"{prefix}.last", value[-1])
        else:
            yield prefix, _list_text(value)
    else:
        yield prefix, _text(value)


def _list_text(values: Sequence[Any]) -> str:
    if len(values) <= _LONGEST_LIST:
        return ", ".join(_text(value) for value in values)
    return f"{_text(values[0])}, {_text(values[1])}, …, {_text(values[-1])} ({len(values)} values)"


def _text(value: Any) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - 1] + "…"
