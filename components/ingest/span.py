"""What one ingest leaves for the next, so that a dataset folder that grew is read where it grew.

A span is what one ingest read. The first reads all files; each later one reads the files that are new, writes
their Examples into files of its own, and takes the files of the spans before it as they are. That gives the
same records as reading everything again as long as nothing that is new reaches back: `must_reread` knows what
can be seen before a record is read, the passes what records show (`LATE`, `PINNED`, `SPLIT`, `ORDER`).
"""

import hashlib
import os
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal, NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from components.ingest.duplicates import IDENTITY
from components.ingest.options import IngestOptions
from components.ingest.report import Tally
from components.records.atomic import atomic_file, atomic_write
from components.records.catalogue import Catalogue

STATE = "span.json"
REREAD = "reread"
LATE = "a customer's new request is earlier than one that was read before"
PINNED = "new requests ask for another split than their customer's earlier ones"
SPLIT = "new requests pin a split that the dataset did not have"
ORDER = "a new file that stands before one that was read repeats a request of it"

_DIGEST = np.dtype([("id", "<u8", (2,)), ("content", "<u8", (2,))])


class ReadFile(msgspec.Struct, frozen=True, kw_only=True):
    """A file that was read: its place in the dataset's folder, and the SHA-256 of its bytes."""

    name: str
    sha256: str


class Owner(msgspec.Struct, array_like=True, frozen=True):
    """What later requests of a customer must know of the earlier ones.

    Attributes:
        last: Their latest time, in microseconds since 1970; None where none has one.
        pins: Splits that they ask for.
        uses: (time, skill), ascending, as far as a request at `last` or later looks back.
    """

    last: int | None
    pins: tuple[str, ...]
    uses: tuple[tuple[int, str], ...]


class Span(msgspec.Struct, frozen=True, kw_only=True):
    """`span.json`: what has been read up to and with this span.

    Attributes:
        span: Its number, from 1.
        chain: Of all spans that go on from one first reading; another reading of everything has another.
        data: The dataset's folder.
        options: How it was read.
        shards: Partitions of customers and of request ids.
        skill_ids: Of the catalogue.
        pinned: Splits that some record asks for.
        files: All that were read, in order.
        tally: What was counted.
        reread: Why this span must not be used; empty: it may.
    """

    span: int
    chain: str
    data: str
    options: IngestOptions
    shards: int
    skill_ids: tuple[str, ...]
    pinned: tuple[str, ...]
    files: tuple[ReadFile, ...]
    tally: list[tuple[tuple[str, ...], int]]
    reread: str = ""


class States(NamedTuple):
    """The folders of the state before, if there is one, and of the one that is written."""

    before: Path | None
    now: Path


class Earlier(msgspec.Struct, frozen=True, kw_only=True):
    """The span before: its state, and the folders of its Examples and of its state."""

    span: Span
    examples: Path
    state: Path


def read_earlier(examples: Path | None, state: Path | None) -> Earlier | None:
    """The span before, if there is one; None too where its folders are gone."""
    if examples is None or state is None or not (state / STATE).is_file() or not examples.is_dir():
        return None
    span = msgspec.json.decode((state / STATE).read_bytes(), type=Span)
    return Earlier(span=span, examples=examples, state=state)


def write_span(state: Path, span: Span) -> None:
    """Writes `span.json`."""
    atomic_write(state / STATE, msgspec.json.encode(span))


def read_span(state: Path) -> Span:
    """What `write_span` wrote."""
    return msgspec.json.decode((state / STATE).read_bytes(), type=Span)


def chain_of(files: Sequence[ReadFile], options: IngestOptions, skill_ids: Sequence[str]) -> str:
    """The chain that begins with reading these files."""
    return hashlib.sha256(msgspec.json.encode((files, options, skill_ids))).hexdigest()


def read_files(data: Path, files: Sequence[Path]) -> tuple[ReadFile, ...]:
    """The files with the digest of their bytes."""
    found = []
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        found.append(ReadFile(name=path.relative_to(data).as_posix(), sha256=digest))
    return tuple(found)


def must_reread(
    earlier: Span, *, data: Path, options: IngestOptions, catalogue: Catalogue, files: Sequence[ReadFile]
) -> str:
    """Why everything must be read again; empty where the new files are enough.

    Args:
        files: All that the folder holds now.
    """
    if earlier.data != str(data):
        return "the dataset lies in another folder"
    if earlier.options != options:
        return "the options of ingest are others"
    if options.split_by == "time":
        return "a split by time moves with every request"
    if not {*earlier.files} <= {*files}:
        return "a file was changed or removed"
    if not {*earlier.skill_ids} <= catalogue.by_id.keys():
        return "a skill has left the catalogue"
    refused = any(key == ("dead", "unknown_skill") for key, _ in earlier.tally)
    if refused and len(catalogue) > len(earlier.skill_ids):
        return "records were refused for skills that the catalogue may have by now"
    return ""


def reasons(tally: Tally) -> str:
    """What the records themselves showed; empty for nothing."""
    return "; ".join(sorted(key[1] for key in tally if key[0] == REREAD))


def take_files(source: Path, target: Path) -> None:
    """Every file under `source` that `target` lacks: a link, or a copy where none can be made."""
    for path in sorted(source.rglob("*")):
        place = target / path.relative_to(source)
        if path.is_file() and not place.exists():
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                os.link(path, place)
            except OSError:
                shutil.copyfile(path, place)


def _part(state: Path, kind: Literal["ids", "owners"], partition: int) -> Path:
    return state / kind / f"{partition:05d}"


def read_ids(state: Path | None, partition: int) -> npt.NDArray[np.void]:
    """Ids and contents of the requests read before [N], as `IDENTITY`, none of them at a position."""
    path = None if state is None else _part(state, "ids", partition)
    if path is None or not path.exists():
        return np.zeros(0, IDENTITY)
    found = np.frombuffer(path.read_bytes(), _DIGEST)
    known = np.zeros(len(found), IDENTITY)
    known["id"], known["content"] = found["id"], found["content"]
    return known


def write_ids(state: Path, partition: int, identities: npt.NDArray[np.void]) -> None:
    """Writes what `read_ids` reads, by id: they come in the order in which workers end."""
    kept = np.zeros(len(identities), _DIGEST)
    kept["id"], kept["content"] = identities["id"], identities["content"]
    with atomic_file(_part(state, "ids", partition)) as file:
        file.write(kept[np.lexsort(kept["id"].T)].tobytes())


def read_owners(state: Path | None, partition: int) -> dict[str, Owner]:
    """The customers of the requests read before."""
    path = None if state is None else _part(state, "owners", partition)
    if path is None or not path.exists():
        return {}
    return msgspec.msgpack.decode(path.read_bytes(), type=dict[str, Owner])


def write_owners(state: Path, partition: int, owners: Mapping[str, Owner]) -> None:
    """Writes what `read_owners` reads."""
    atomic_write(_part(state, "owners", partition), msgspec.msgpack.encode(owners))
