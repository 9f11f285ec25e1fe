"""What a change of skills is asked to do, and what it makes of a catalogue and of a model's lineage."""

from collections.abc import Mapping, Sequence

import msgspec

from components.records.catalogue import Catalogue
from components.records.skill import Skill


class Add(msgspec.Struct, frozen=True, kw_only=True, tag="add"):
    """New skills.

    Attributes:
        folder: Holds catalogue.jsonl, the new skills, and Split-<name>/*.gz, their labelled requests.
        fingerprint: Of what was given, for the record.
    """

    folder: str
    fingerprint: str


class Remove(msgspec.Struct, frozen=True, kw_only=True, tag="remove"):
    """Skills that go."""

    skill_ids: tuple[str, ...]


class Rename(msgspec.Struct, frozen=True, kw_only=True, tag="rename"):
    """A skill that gets another id."""

    old: str
    new: str


SkillChange = Add | Remove | Rename


def new_id(change: SkillChange, skill_id: str) -> str:
    """The id that a skill has after the change.

    >>> new_id(Rename(old="radio", new="tuner"), "radio"), new_id(Rename(old="radio", new="tuner"), "tv")
    ('tuner', 'tv')
    """
    return change.new if isinstance(change, Rename) and skill_id == change.old else skill_id


def changed_lineage(
    lineage: Mapping[str, str], change: SkillChange, before: Sequence[str], after: Sequence[str]
) -> dict[str, str]:
    """The lineage of a model that knew the skills `before`, and one line more: which came, went or were
    renamed, and from how many to how many."""
    number = sum(name.startswith("change_") for name in lineage) + 1
    if isinstance(change, Add):
        there = set(before)
        added = ", ".join(skill_id for skill_id in after if skill_id not in there)
        what = f"added {added} (sha256 {change.fingerprint})"
    elif isinstance(change, Remove):
        kept = set(after)
        what = f"removed {', '.join(skill_id for skill_id in before if skill_id not in kept)}"
    else:
        what = f"renamed {change.old} to {change.new}"
    return {**lineage, f"change_{number}": f"{what}; {len(before)} skills before, {len(after)} after"}


def without(catalogue: Catalogue, removed: Remove) -> Catalogue:
    """The catalogue without these skills.

    Raises:
        ValueError: One of them is not in it, or none would be left.
    """
    gone = set(removed.skill_ids)
    _require_known(catalogue, *removed.skill_ids)
    left = [skill for skill in catalogue if skill.skill_id not in gone]
    if not left:
        raise ValueError(f"`skill_ids` must leave at least one skill. Received: all {len(catalogue)} of them")
    return Catalogue(left)


def renamed(catalogue: Catalogue, rename: Rename) -> Catalogue:
    """The catalogue with one skill's id changed.

    Raises:
        ValueError: The old id is not in it, the new one is, or the new one is no id.
    """
    _require_known(catalogue, rename.old)
    if rename.new in catalogue.by_id:
        raise ValueError(f"`new` must not be a skill of the catalogue already. Received: new={rename.new!r}")
    return Catalogue(
        msgspec.structs.replace(skill, skill_id=rename.new) if skill.skill_id == rename.old else skill
        for skill in catalogue
    )


def merged(catalogue: Catalogue, added: Catalogue) -> Catalogue:
    """The catalogue, then the new skills. Raises `RecordError` where one is there already."""
    skills: tuple[Skill, ...] = (*catalogue, *added)
    return Catalogue(skills)


def _require_known(catalogue: Catalogue, *skill_ids: str) -> None:
    for skill_id in skill_ids:
        if skill_id not in catalogue.by_id:
            raise ValueError(f"`skill_id` must be a skill of the model in service. Received: {skill_id!r}")
