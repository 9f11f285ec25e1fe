"""Explicit invocations: a customer names the skill ("alexa, ask daily horoscopes for my sign").

Used on logs, where the name is the label and must not stay in the text (Label), and live, where it decides
alone (the router). Forms follow Amazon's guide to invocation phrases for custom skills.
"""

import re
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, NamedTuple

from components.records.skill import Skill

Form = Literal["ask", "open", "name", "loose"]
"""ask X to Y; open X (and Y), or X alone after a wake word; X, Y; and the loose Y using X and open X Y, which
also match utterances that only happen to hold a name."""

_TOKEN = re.compile(r"\w+(?:['’]\w+)*")
_GREETINGS = frozenset({"hey", "ok", "okay", "hi"})
_WAKE_WORDS = frozenset({"alexa", "echo", "computer"})
_ASK = frozenset({"ask", "tell", "have", "let"})
_OPEN = frozenset({"open", "launch", "start", "begin", "load", "run", "resume", "use", "play"})
_AFTER_ASK = frozenset({"to", "for", "about", "that", "and", "if", "whether", "know"})
_AFTER_OPEN = frozenset({"and", "to", "for"})
_BEFORE_SUFFIX = frozenset({"using", "with", "from", "via", "through", "on"})


_Word = tuple[str, int, int]
_Match = tuple[int, tuple[str, ...], Form]


class Invocation(NamedTuple):
    """What an explicit invocation says.

    Attributes:
        skill_ids: The skills of that name, in catalogue order; more than one where skills share it.
        command: The utterance without wake word, carrier and name; empty where it only opens the skill.
        form: How it was said.
    """

    skill_ids: tuple[str, ...]
    command: str
    form: Form


class Name(NamedTuple):
    """Words that name skills: `called` by a declared invocation, or `skill_ids` by their display name too."""

    words: tuple[str, ...]
    skill_ids: tuple[str, ...]
    called: tuple[str, ...]


class InvocationIndex:
    """The names by which skills are called, found by their first word.

    Args:
        skills: Their `invocations` are what customers say, in every form. A `name` is for display and may be
            an ordinary word ("timer", "no"): it counts only where a carrier leads to a command.
    """

    def __init__(self, skills: Iterable[Skill]) -> None:
        named: defaultdict[tuple[str, ...], dict[str, bool]] = defaultdict(dict)
        for skill in skills:
            for name in (skill.name or "", *skill.invocations):
                if words := tuple(word for word, _, _ in _words(name)):
                    said = name in skill.invocations
                    named[words][skill.skill_id] = said or named[words].get(skill.skill_id, False)
        self._by_first: defaultdict[str, list[Name]] = defaultdict(list)
        for words in sorted(named, key=len, reverse=True):
            called = tuple(skill_id for skill_id, is_called in named[words].items() if is_called)
            self._by_first[words[0]].append(Name(words, tuple(named[words]), called))

    def at(self, words: Sequence[str], start: int) -> Iterator[Name]:
        """Every name that begins at `start`, the longest first."""
        if start < len(words):
            for name in self._by_first.get(words[start], ()):
                if tuple(words[start : start + len(name.words)]) == name.words:
                    yield name


def strip_invocation(utterance: str, index: InvocationIndex) -> Invocation | None:
    """The invocation that the utterance is, or None.

    The longest name that fits wins. Upper and lower case and punctuation do not matter, but "X, Y" needs its
    comma: without it every utterance that begins with a common word would name a skill.

    >>> index = InvocationIndex([Skill(skill_id="s", domain="d", name="Daily Horoscopes")])
    >>> strip_invocation("Alexa, ask daily horoscopes for my sign please", index)
    Invocation(skill_ids=('s',), command='my sign please', form='ask')
    """
    found = _words(utterance)
    words = [word for word, _, _ in found]
    start = _after_wake_word(words)
    if start == len(words):
        return None
    match = _prefixed(words, start, index) or _bare(utterance, found, words, start, index)
    if match is not None:
        end, skill_ids, form = match
        return Invocation(skill_ids, _text(utterance, found[end:]), form)
    return _suffixed(utterance, found, words, start, index)


def _words(text: str) -> list[_Word]:
    """Folded words with where they begin and end in `text`."""
    return [(_fold(match[0]), match.start(), match.end()) for match in _TOKEN.finditer(text)]


def _fold(word: str) -> str:
    return (
        word.lower() if word.isascii() else unicodedata.normalize("NFKC", word).casefold().replace("’", "'")
    )


def _text(utterance: str, words: Sequence[_Word]) -> str:
    return utterance[words[0][1] : words[-1][2]] if words else ""


def _after_wake_word(words: Sequence[str]) -> int:
    at = 0
    if words and words[0] in _GREETINGS:
        at = 1
    if at < len(words) and words[at] in _WAKE_WORDS:
        return at + 1
    return 0


def _prefixed(words: Sequence[str], start: int, index: InvocationIndex) -> _Match | None:
    """A carrier and a name: "ask X to Y", "open X", "open X and Y". "please" and "the" may be there."""
    start += words[start] == "please"
    if words[start : start + 2] == ["talk", "to"]:
        return _opened(words, start + 2, index)
    carrier = words[start] if start < len(words) else ""
    if carrier not in _ASK and carrier not in _OPEN:
        return None
    name = start + 2 if words[start + 1 : start + 2] == ["the"] else start + 1
    for at in dict.fromkeys((start + 1, name)):  # a name may itself begin with "the"
        for found in index.at(words, at):
            match = _after_carrier(words, carrier, at + len(found.words), found)
            if match is not None:
                return match
    return None


def _after_carrier(words: Sequence[str], carrier: str, end: int, name: Name) -> _Match | None:
    """What follows carrier and name decides: nothing (it opens the skill), a command, or a loose one."""
    following = words[end] if end < len(words) else None
    links = _AFTER_ASK if carrier in _ASK else _AFTER_OPEN
    command = end + (following in links)
    form: Form = "ask" if carrier in _ASK else "open"
    if command == len(words):
        return (command, name.called, form) if name.called else None
    if form == "ask" or following in links:
        skill_ids = name.called if carrier == "play" else name.skill_ids
        return (command, skill_ids, form) if skill_ids else None
    if carrier == "play":  # what is played and goes on is a title, not a skill
        return None
    return (command, name.called, "loose") if name.called else None


def _opened(words: Sequence[str], start: int, index: InvocationIndex) -> _Match | None:
    """The name that is all the rest."""
    for name in index.at(words, start):
        if name.called and start + len(name.words) == len(words):
            return len(words), name.called, "open"
    return None


def _bare(
    utterance: str, found: Sequence[_Word], words: Sequence[str], start: int, index: InvocationIndex
) -> _Match | None:
    """The name, a comma, and something after it; or a wake word and the name alone."""
    for name in index.at(words, start):
        end = start + len(name.words)
        if name.called and end < len(words) and "," in utterance[found[end - 1][2] : found[end][1]]:
            return end, name.called, "name"
    return _opened(words, start, index) if start else None


def _suffixed(
    utterance: str, found: Sequence[_Word], words: Sequence[str], start: int, index: InvocationIndex
) -> Invocation | None:
    """A command that ends with "using" and the name."""
    for at in range(start + 1, len(words) - 1):
        if words[at] in _BEFORE_SUFFIX:
            for name in index.at(words, at + 1):
                if name.called and at + 1 + len(name.words) == len(words):
                    return Invocation(name.called, _text(utterance, found[start:at]), "loose")
    return None
