"""Labelled examples and popularity as a change of skills leaves them."""

import os
import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec

from components.records.artifact_files import read_popularity, split_folder, write_popularity
from components.records.examples import decode, labelled_from, labelled_values
from components.records.features import F
from components.records.label import Label, LabelledRequest
from components.records.skill_change import Remove, Rename
from components.records.tfrecord import read_records, write_records
from components.records.wire import encode_entries, entries_of, example, pick

REMOVED = "removed.v1"

_SKILL = {F.LABEL_SKILL.encode(): F.LABEL_SKILL}


def add_examples(source: Path, added: Path, out: Path) -> None:
    """The examples of `source` and of `added`, split by split. Old files are linked, not copied."""
    for split in sorted(source.glob("Split-*")):
        folder = out / split.name
        folder.mkdir(parents=True, exist_ok=True)
        files = sorted(split.glob("*.gz"))
        for file in files:
            _link(file, folder / file.name)
        for number, file in enumerate(sorted((added / split.name).glob("*.gz"))):
            _link(file, folder / f"data_tfrecord-added-{len(files) + number:05}.gz")


def rewrite_examples(source: Path, change: Remove | Rename, out: Path) -> None:
    """The examples of `source` with the ids of `change` gone or changed.

    What names none of them is taken as it is. A request whose right skill is removed teaches nothing more and
    is in no figure. A customer's list may keep an id that is gone: a history outlives a skill.
    """
    rewrite = _remover(change) if isinstance(change, Remove) else _renamer(change)
    ids = change.skill_ids if isinstance(change, Remove) else (change.old,)
    wanted = [skill_id.encode() for skill_id in ids]
    for file in sorted(source.glob("Split-*/*.gz")):
        write_records(out / file.parent.name / file.name, _rewritten(file, wanted, rewrite))


def add_popularity(source: Path, examples: Path, out: Path) -> None:
    """The counts of `source` and those of the labels in `examples`/Split-train."""
    counts = Counter(read_popularity(source))
    for file in sorted(split_folder(examples, "train").glob("*.gz")):
        labels = (pick(entries_of(record), _SKILL).get(F.LABEL_SKILL) for record in read_records(file))
        counts.update(label for label in labels if label is not None)
    write_popularity(out, counts)


def rewrite_popularity(source: Path, change: Remove | Rename, out: Path) -> None:
    """The counts of `source` with the ids of `change` gone or changed."""
    counts = read_popularity(source)
    if isinstance(change, Remove):
        counts = {skill_id: n for skill_id, n in counts.items() if skill_id not in change.skill_ids}
    else:
        counts = {change.new if skill_id == change.old else skill_id: n for skill_id, n in counts.items()}
    write_popularity(out, counts)


def _rewritten(
    file: Path, wanted: list[bytes], rewrite: Callable[[LabelledRequest], LabelledRequest]
) -> Iterator[bytes]:
    for record in read_records(file):
        if any(skill_id in record for skill_id in wanted):
            yield example(encode_entries(labelled_values(rewrite(labelled_from(decode(record))))))
        else:
            yield record


def _remover(change: Remove) -> Callable[[LabelledRequest], LabelledRequest]:
    gone = frozenset(change.skill_ids)

    def rewrite(labelled: LabelledRequest) -> LabelledRequest:
        request, label = labelled.request, labelled.label
        also = tuple(skill_id for skill_id in request.also_correct if skill_id not in gone)
        request = msgspec.structs.replace(request, also_correct=also)
        if request.skill_id in gone:
            request = msgspec.structs.replace(request, skill_id=None, intent=None, slots=(), outcome=None)
        if label.skill_id in gone or label.negative_skill in gone:
            label = Label(text=label.text, rule=REMOVED)
        return LabelledRequest(request=request, label=label)

    return rewrite


def _renamer(change: Rename) -> Callable[[LabelledRequest], LabelledRequest]:
    def new(skill_id: str) -> str:
        return change.new if skill_id == change.old else skill_id

    def maybe(skill_id: str | None) -> str | None:
        return None if skill_id is None else new(skill_id)

    replace = msgspec.structs.replace

    def rewrite(labelled: LabelledRequest) -> LabelledRequest:
        request, label = labelled.request, labelled.label
        context = replace(request.context, previous_skill=maybe(request.context.previous_skill))
        return LabelledRequest(
            request=replace(
                request,
                skill_id=maybe(request.skill_id),
                also_correct=tuple(map(new, request.also_correct)),
                enabled_skills=tuple(map(new, request.enabled_skills)),
                recent=tuple(replace(usage, skill_id=new(usage.skill_id)) for usage in request.recent),
                context=context,
            ),
            label=replace(label, skill_id=maybe(label.skill_id), negative_skill=maybe(label.negative_skill)),
        )

    return rewrite


def _link(source: Path, target: Path) -> None:
    """One file under two names; a copy where the file system has no links."""
    try:
        os.link(source, target)
    except OSError:
        shutil.copyfile(source, target)
