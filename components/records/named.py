"""Requests that name their skill outright: which one, and what is left for a model to read."""

from collections.abc import Callable, Iterable
from functools import lru_cache, partial
from typing import NamedTuple

from components.records.invocation import InvocationIndex, strip_invocation
from components.records.manifest import Manifest, SkillNames
from components.records.skill import Skill

_TEXTS = 64  # that are remembered, for who answers a request asks more than once


class Named(NamedTuple):
    """The skill that a request names, and the text that a model reads of it."""

    skill_id: str
    text: str


def named_skill(utterance: str, index: InvocationIndex) -> Named | None:
    """The one skill that `utterance` names outright; None where it names none, several, or only loosely.

    The text is the command alone, as training reads it; where nothing but the name is said, the utterance.
    """
    invocation = strip_invocation(utterance, index)
    if invocation is None or invocation.form == "loose" or len(invocation.skill_ids) != 1:
        return None
    return Named(invocation.skill_ids[0], invocation.command or utterance)


def skill_names(skills: Iterable[Skill]) -> tuple[SkillNames, ...]:
    """How the skills are called, in their order, as a manifest holds it; empty where none has a name."""
    names = tuple(SkillNames(name=skill.name, invocations=skill.invocations) for skill in skills)
    return names if any(entry.name or entry.invocations for entry in names) else ()


class NameRule:
    """`named_skill` by what a manifest says. It decides nothing where the manifest has no `named_confidence`.

    Every caller of a model asks it what the model is to read, so that all get the same answers. The names are
    indexed once, here.
    """

    def __init__(self, manifest: Manifest) -> None:
        self._named: Callable[[str], Named | None] | None = None
        if manifest.names and manifest.named_confidence is not None:
            index = InvocationIndex(
                Skill(skill_id=skill_id, domain=domain, name=entry.name, invocations=entry.invocations)
                for skill_id, domain, entry in zip(
                    manifest.skill_ids, manifest.domains, manifest.names, strict=True
                )
            )
            self._named = lru_cache(_TEXTS)(partial(named_skill, index=index))

    def __call__(self, utterance: str) -> Named | None:
        return None if self._named is None else self._named(utterance)
