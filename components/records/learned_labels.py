"""What the Shortlister's learning loop found out about single requests, as files that others may read.

One JSON object a line, in the order of the requests; the same labels give the same bytes. A reader that joins
them to requests goes by `request_id`. Each label says which rule, of which version, gave it.
"""

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from components.records.atomic import atomic_write

PSEUDO_LABELS = "pseudo_labels.jsonl"
NEGATIVES = "negatives.jsonl"
SEMI_LABELS = "semi_labels.jsonl"


class PseudoLabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Skills that are right for a labelled request beside its label, as the model sees it."""

    request_id: str
    skill_ids: tuple[str, ...]
    rule: str = ""


class NegativeLabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A skill that failed on a request; nothing is said about any other."""

    request_id: str
    skill_id: str
    rule: str = ""


class SemiLabel(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The skill that the trained model gives a request without a label, and its calibrated confidence."""

    request_id: str
    skill_id: str
    confidence: float
    rule: str = ""


_Learned = TypeVar("_Learned", PseudoLabel, NegativeLabel, SemiLabel)


def write_labels(path: Path, labels: Iterable[PseudoLabel | NegativeLabel | SemiLabel]) -> None:
    """Writes one line a label, whole or not at all."""
    atomic_write(path, b"".join(msgspec.json.encode(label) + b"\n" for label in labels))


def read_labels(path: Path, kind: type[_Learned]) -> Iterator[_Learned]:
    """The labels of a file, line by line.

    Raises:
        ValueError: A line is no such label; says which.
    """
    decoder = msgspec.json.Decoder(kind)
    with path.open("rb") as lines:
        for number, line in enumerate(lines, 1):
            try:
                yield decoder.decode(line)
            except msgspec.DecodeError as error:
                raise ValueError(
                    f"{path}, line {number}, must be a {kind.__name__}: {error}. Received: {line[:80]!r}"
                ) from error
