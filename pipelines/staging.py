"""New skills and their labelled requests as a folder that a node of the graph can read."""

import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import msgspec

from components.label.options import LabelOptions
from components.label.rules import label_of
from components.records.artifact_files import CATALOGUE, split_folder
from components.records.catalogue import Catalogue, write_catalogue
from components.records.examples import labelled_values
from components.records.invocation import InvocationIndex
from components.records.label import LabelledRequest
from components.records.parse import to_json
from components.records.request import SPLITS, Request
from components.records.splits import Shares, hashed_split, split_key
from components.records.tfrecord import write_records
from components.records.wire import encode_entries, example

HELD_OUT_FROM = 10
"""Requests of a skill from which on some are held out, to measure the skill by."""

_SHARES = Shares(rank=0.0, dev=0.0, test=0.2)


class Staged(msgspec.Struct, frozen=True, kw_only=True):
    """What was staged: its fingerprint, and how many requests went where."""

    fingerprint: str
    train: int
    held_out: int


def stage(folder: Path, new: Catalogue, requests: Sequence[Request], old: Catalogue) -> Staged:
    """Writes catalogue.jsonl and Split-<name>/data_tfrecord-*.gz into `folder`.

    Requests are labelled as the Label node labels them. A fifth of them, by customer, goes to test, except of
    a skill with fewer than ten, which needs them all; a pinned split is kept.
    """
    write_catalogue(folder / CATALOGUE, new)
    index = InvocationIndex(Catalogue((*old, *new)))
    options = LabelOptions()
    count = Counter(request.skill_id for request in requests)
    splits: dict[str, list[LabelledRequest]] = {split: [] for split in SPLITS}
    for request in requests:
        split = request.split or _split(request, count)
        label = label_of(request.utterance, request.skill_id, request.outcome, index, options)
        pinned = msgspec.structs.replace(request, split=split)
        splits[split].append(LabelledRequest(request=pinned, label=label))
    for split, labelled in splits.items():
        if labelled:
            write_records(
                split_folder(folder, split) / "data_tfrecord-00000-of-00001.gz", _examples(labelled)
            )
    digest = hashlib.sha256()
    for record in (*new, *requests):
        digest.update(to_json(record) + b"\n")
    return Staged(
        fingerprint=digest.hexdigest(),
        train=len(splits["train"]),
        held_out=len(splits["test"]),
    )


def _split(request: Request, count: Mapping[str | None, int]) -> str:
    return "train" if count[request.skill_id] < HELD_OUT_FROM else hashed_split(split_key(request), _SHARES)


def _examples(labelled: Sequence[LabelledRequest]) -> Iterator[bytes]:
    for entry in labelled:
        yield example(encode_entries(labelled_values(entry)))
