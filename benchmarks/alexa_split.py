"""The Alexa skill list as a test of finding a skill: the last phrase of each skill is held out.

A phrase is read without wake word, carrier and the skill's name ("Alexa, ask Bitcoin Rate for the current
value in yen" → "the current value in yen"), so that no request names its skill; names of other skills stay.
A held-out phrase of fewer than two words is dropped and counted. Dev: the second-to-last
phrase, read in the same way, of the half of the skills whose id hashes low.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from components.importers.alexa_skills import AlexaSkills
from components.records.invocation import InvocationIndex, strip_invocation
from components.records.request import Request
from components.records.skill import Skill
from components.records.splits import unit_hash
from components.records.text import tokens

LEAST_TOKENS = 2
_DEV_SHARE = 0.5


@dataclass(frozen=True)
class Phrase:
    """What is left of an example phrase of skill number `skill`."""

    skill: int
    text: str


@dataclass(frozen=True)
class AlexaSplit:
    """The catalogue and its phrases.

    Attributes:
        skills: All of them, without examples.
        train: Every phrase with a word left that is neither in `dev` nor in `test`.
        dev, test: Held-out phrases of two words or more, at most one a skill.
        held_out: How many last phrases there are, the dropped ones too.
    """

    skills: tuple[Skill, ...]
    train: tuple[Phrase, ...]
    dev: tuple[Phrase, ...]
    test: tuple[Phrase, ...]
    held_out: int

    @property
    def dropped(self) -> float:
        """Share of the last phrases that have fewer than two words left."""
        return 1 - len(self.test) / self.held_out


def alexa_split(source: Path) -> AlexaSplit:
    """Reads the set's folder and splits it."""
    found = AlexaSkills(source)
    skills = tuple(found.skills())
    spoken: dict[str, list[str]] = {skill.skill_id: [] for skill in skills}
    for request in found.requests():
        if isinstance(request, Request) and request.skill_id is not None:
            spoken[request.skill_id].append(request.utterance)
    parts: dict[str, list[Phrase]] = {"train": [], "dev": [], "test": []}
    held_out = 0
    for number, skill in enumerate(skills):
        index = InvocationIndex([skill])
        phrases = [Phrase(number, without_name(text, skill, index)) for text in spoken[skill.skill_id]]
        held_out += bool(phrases)
        is_dev = unit_hash(skill.skill_id, "alexa dev") < _DEV_SHARE
        for place, phrase in enumerate(reversed(phrases)):
            part = "test" if place == 0 else "dev" if place == 1 and is_dev else "train"
            if len(tokens(phrase.text)) >= (1 if part == "train" else LEAST_TOKENS):
                parts[part].append(phrase)
    train, dev, test = (tuple(parts[part]) for part in ("train", "dev", "test"))
    return AlexaSplit(skills, train, dev, test, held_out)


def without_name(text: str, skill: Skill, index: InvocationIndex) -> str:
    """The phrase without wake word, carrier and every place where it says the skill's whole name.

    Args:
        index: Of this skill alone.
    """
    invocation = strip_invocation(text, index)
    words = tokens(text if invocation is None else invocation.command)
    words = words[1:] if words[:1] == ["alexa"] else words
    for name in sorted(map(tokens, _names(skill)), key=len, reverse=True):
        words = list(_cut(words, name))
    return " ".join(words)


def _names(skill: Skill) -> Iterator[str]:
    yield from skill.invocations
    if skill.name:
        yield skill.name


def _cut(words: Sequence[str], name: Sequence[str]) -> Iterator[str]:
    """The words outside the places where `name` stands."""
    at = 0
    while at < len(words):
        if name and list(words[at : at + len(name)]) == list(name):
            at += len(name)
        else:
            yield words[at]
            at += 1
