"""A reversible, file-safe form of a domain's name."""

import string

_PLAIN = frozenset(string.ascii_lowercase + string.digits)


def slug(domain: str) -> str:
    """Lower-case letters and digits stay, everything else becomes `_` + hex of its UTF-8 bytes + `_`.

    Two names never share a slug, not even where the file system ignores case, and no slug holds a dot, a
    slash or a blank.

    >>> slug("Home & Garden")
    '_48_ome_20262047_arden'
    """
    if not domain:
        raise ValueError("`domain` must not be empty")
    parts: list[str] = []
    pending = bytearray()
    for character in domain:
        if character in _PLAIN:
            _flush(parts, pending)
            parts.append(character)
        else:
            pending += character.encode()
    _flush(parts, pending)
    return "".join(parts)


def unslug(text: str) -> str:
    """The inverse of `slug`. Raises `ValueError` for a text that is no slug."""
    pieces = text.split("_")
    if len(pieces) % 2 == 0:
        raise ValueError(f"`text` must be a slug. Received: {text!r}")
    domain = b"".join(bytes.fromhex(p) if i % 2 else p.encode() for i, p in enumerate(pieces)).decode()
    if slug(domain) != text:
        raise ValueError(f"`text` must be a slug. Received: {text!r}")
    return domain


def _flush(parts: list[str], pending: bytearray) -> None:
    if pending:
        parts.append(f"_{pending.hex()}_")
        pending.clear()
