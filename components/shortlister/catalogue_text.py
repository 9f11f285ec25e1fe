"""Training rows from what the catalogue says of each skill, for skills that have few requests or none.

A skill's name, invocations, examples, quoted phrases and sentences are rows as they are written; more are
made from them: runs of 2 to 7 words, and 2 to 6 words drawn by how few skills have them. A network trained on
these and on requests weighs a word as a language model of each skill's text does (Ponte & Croft 1998), as
BM25 does, but shares what it learns among skills. The more requests a skill has, the fewer rows it gets.
"""

import dataclasses
import math
import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np

from components.records.invocation import InvocationIndex, strip_invocation
from components.records.skill import Skill
from components.records.text import tokens
from components.shortlister.corpus import Corpus
from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ints, Ragged
from components.shortlister.read_corpus import corpus_of_texts

_ROWS = 48  # of a skill without requests
_ROWS_IN_ALL = 150_000  # or as many as there are requests, if those are more
_ENOUGH = 10  # requests that halve a skill's rows
_WORDS = 30  # of a text that is read as it is written; longer ones are cut
_QUOTED = re.compile(r"[“\"]([^“”\"\n]+)[”\"]")
_SENTENCE_ENDS = re.compile(r"(?<=[.!?])\s+|\n+")

Words = list[str]


class TextRow(NamedTuple):
    """A text that skill number `skill` could be asked with."""

    skill: int
    text: str


def catalogue_rows(skills: Sequence[Skill], requests: Corpus, *, seed: int) -> list[TextRow]:
    """The rows of every skill, in catalogue order; the same for equal arguments.

    Args:
        skills: The catalogue, in row order.
        requests: Of train; how many each skill has decides about its rows.
        seed: Of the words that are drawn.
    """
    known = np.bincount(requests.skill[requests.scored], minlength=len(skills))
    index = InvocationIndex(skills)
    written = [list(written_texts(skill, index)) for skill in skills]
    had_by = Counter(word for texts in written for word in {word for text in texts for word in text})
    rarity = {word: math.log1p(len(skills) / count) for word, count in had_by.items()}
    most = min(max(_ROWS_IN_ALL, len(requests)) // max(len(skills), 1), _ROWS)
    rng = np.random.default_rng(seed)
    rows: list[TextRow] = []
    for number, texts in enumerate(written):
        room = math.ceil(most / (1 + int(known[number]) / _ENOUGH)) if texts else 0
        kept = texts[: max(room // 2, 1)]
        made = _made_texts(texts, rarity, room - len(kept), rng)
        rows += [TextRow(number, " ".join(words)) for words in (*kept, *made)]
    return rows


def expected_rows(skills: int, requests: int) -> int:
    """About how many rows a catalogue makes whose skills have equally many of these requests."""
    most = min(max(_ROWS_IN_ALL, requests) // max(skills, 1), _ROWS)
    return round(skills * most / (1 + requests / max(skills, 1) / _ENOUGH))


def written_texts(skill: Skill, index: InvocationIndex) -> Iterator[Words]:
    """The words of each text that the skill's owner wrote, the most telling first, each once.

    Invocations of the skill are taken off examples and off what the description quotes.
    """
    description = skill.description or ""
    seen: set[tuple[str, ...]] = set()
    spoken = [_command(text, skill, index) for text in (*skill.examples, *_QUOTED.findall(description))]
    for text in (skill.name or "", *skill.invocations, *spoken, *_SENTENCE_ENDS.split(description)):
        words = tokens(text)
        if words and tuple(words) not in seen:
            seen.add(tuple(words))
            yield words


def skill_texts(skills: Sequence[Skill], requests: Corpus, encode: Callable[[Any], dict[str, Any]]) -> Corpus:
    """What owners wrote of their skills, and the requests with a right skill.

    Args:
        skills: In row order.
        requests: Of train.
        encode: String [B] to encoded text; see `TextEncoder`.
    """
    return text_corpus(written_rows(skills), encode).join(requests.take(requests.scored))


def written_rows(skills: Sequence[Skill], *, first: int = 0) -> list[TextRow]:
    """The texts of `written_texts` of every skill, cut where they are longer than a request may be; `first`
    is the number of the first skill."""
    index = InvocationIndex(skills)
    return [
        TextRow(number, " ".join(words[at : at + _WORDS]))
        for number, skill in enumerate(skills, first)
        for words in written_texts(skill, index)
        for at in range(0, len(words), _WORDS)
    ]


def text_corpus(rows: Sequence[TextRow], encode: Callable[[Any], dict[str, Any]]) -> Corpus:
    """The rows as requests of their skills."""
    skills = np.array([row.skill for row in rows], np.int32)
    return dataclasses.replace(corpus_of_texts([row.text for row in rows], encode), skill=skills)


def catalogue_corpus(
    rows: Sequence[TextRow],
    requests: Corpus,
    encode: Callable[[Any], dict[str, Any]],
    *,
    weight: float,
    seed: int,
) -> Corpus:
    """The catalogue's rows as a corpus to join to the `requests` that are trained on.

    A row gets the enabled list of a random request, in which the row's skill takes a random place as often
    as the requests' own skills are in their lists, so that lists mean the same on both.

    Args:
        rows: See `catalogue_rows`.
        requests: Of train.
        encode: String [B] to encoded text; see `TextEncoder`.
        weight: Of each row, beside the 1 of a request.
        seed: Of the lists.
    """
    skills = np.array([row.skill for row in rows], np.int32)
    return dataclasses.replace(
        corpus_of_texts([row.text for row in rows], encode),
        skill=skills,
        weight=np.full(len(rows), weight, np.float32),
        enabled=_lists(skills, requests, np.random.default_rng(seed)),
    )


def _command(text: str, skill: Skill, index: InvocationIndex) -> str:
    """The text without an invocation of this skill."""
    invocation = strip_invocation(text, index)
    return invocation.command if invocation and skill.skill_id in invocation.skill_ids else text


def _made_texts(
    texts: Sequence[Words], rarity: Mapping[str, float], count: int, rng: np.random.Generator
) -> Iterator[Words]:
    """Runs of words and draws of words in turn: `count` in all, but no more than there are words, and none
    from fewer than two."""
    running = [word for text in texts for word in text]
    distinct = sorted(set(running))
    if len(distinct) < 2:
        return
    shares = np.array([rarity[word] for word in distinct])
    shares /= shares.sum()
    for turn in range(min(count, len(running))):
        if turn % 2:
            size = min(int(rng.integers(2, 8)), len(running))
            start = int(rng.integers(0, len(running) - size + 1))
            yield running[start : start + size]
        else:
            size = min(int(rng.integers(2, 7)), len(distinct))
            yield [distinct[place] for place in rng.choice(len(distinct), size, replace=False, p=shares)]


def _lists(skills: Ints, requests: Corpus, rng: np.random.Generator) -> Ragged:
    """An enabled list for each of the skills; empty ones where the requests have none."""
    if not len(requests) or not len(requests.enabled.values):
        return Ragged.empty(len(skills))
    lists = requests.enabled.take(rng.integers(0, len(requests), len(skills)))
    owned = requests.skill[np.repeat(np.arange(len(requests)), requests.enabled.lengths)]
    included = np.sum((owned != NO_SKILL) & (requests.enabled.values == owned + 1))
    share = included / max(np.sum(requests.enabled.lengths[requests.scored] > 0), 1)
    placed = np.flatnonzero((rng.random(len(skills)) < share) & (lists.lengths > 0))
    values = lists.values.copy()
    values[lists.starts[placed] + (rng.random(len(placed)) * lists.lengths[placed]).astype(np.int64)] = (
        skills[placed] + 1
    )
    return Ragged(values, lists.starts)
