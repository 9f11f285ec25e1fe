"""The catalogue: domains, their skills, and who can serve what, as compact arrays."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from components.records.skill import Intent, Skill
from components.simulate.grammar import Frame, Grammar, code
from components.simulate.options import SimulateOptions
from components.simulate.words import (
    BRANDS,
    NOUNS,
    QUALIFIERS,
    SHORT_PHRASES,
    SLOT_VALUES,
    brand,
    own_phrase,
    shared_phrase,
)

START = datetime(2026, 1, 5, tzinfo=UTC)
"""The period begins here; skills that are not new appeared in the year before."""

DAY_MS = 86_400_000
DEVICES = ("speaker", "phone", "tv", "car", "tablet", "watch")
SHARED_TOPICS = 24
"""Topics of a domain that several of its skills cover."""
COVERED = 6
"""How many draws of shared topics a skill has; it covers those drawn, each once."""
OWN_TOPICS = 4
"""Topics that one skill alone covers."""
TITLES = 12
"""The first shared topics of a media domain: names that are a song, a film and a book at once."""
TRIPLE = 3
NOBODYS_TOPICS = 97
"""Topics of a domain that no skill covers."""
_NOBODIES = -(-NOBODYS_TOPICS // OWN_TOPICS)
_DEVICE_ODDS = 4.0
_FLAT_HEAD = 0.01  # share of the skills over which popularity is nearly flat, before the tail begins
_CATALOGUE = 1  # what a generator's key says it is for
_TREND = 6


def generator(seed: int, *key: int) -> np.random.Generator:
    """The random numbers of one thing: the same key gives the same numbers, whatever was drawn before."""
    return np.random.Generator(np.random.Philox(np.random.SeedSequence((seed, *key))))


class World:
    """Every skill of the simulated world.

    Glossary of shapes: D domains, S skills; the skills of a domain are neighbours.

    Attributes:
        kind: Kind of each domain [D].
        first, size: The domain's first skill and how many it has [D].
        triple: Media domains of one number share titles; -1 elsewhere [D].
        domain: Domain of each skill [S].
        intent_mask: Bit i: the skill declares the i-th intent of its kind [S].
        topic_mask: Bit t: it covers the domain's shared topic t [S].
        covered: The skill's draws of shared topics [S, COVERED].
        wording: A number that picks the skill's own way to say things [S].
        popularity: Long-tailed weights with sum 1 [S]; `cumulative` has a leading 0 [S + 1].
        first_seen: Milliseconds since `START`; negative for skills that are not new [S].
        trend: How the log of its use moves over the period, in units of `drift` [S].
        noun_count, noun_code: How many nouns each domain has [D], and their codes [D, longest].
        device_odds: How much more a device is used for a domain [len(DEVICES), D].
    """

    def __init__(self, options: SimulateOptions, grammar: Grammar) -> None:
        self.options = options
        self.grammar = grammar
        rng = generator(options.seed, _CATALOGUE)
        self._make_domains(rng)
        self._make_skills(rng)

    def _make_domains(self, rng: np.random.Generator) -> None:
        subjects = _subjects(self.grammar)
        wanted = self.options.domains or 6 + round(self.options.skills / 30)
        count = max(1, min(wanted, len(subjects) * (len(QUALIFIERS) + 1), self.options.skills // 2))
        self.domain_names: list[str] = []
        self.domain_nouns: list[tuple[str, ...]] = []
        kinds = []
        for d in range(count):
            qualifier, subject = divmod(d, len(subjects))
            kind, name, words = subjects[subject]
            if qualifier:
                adjective = QUALIFIERS[qualifier - 1]
                name = f"{adjective.capitalize()} {name}"
                words = tuple(f"{adjective} {word}" for word in words)
            kinds.append(kind)
            self.domain_names.append(name)
            self.domain_nouns.append(words)
        self.kind = np.array(kinds)
        self.size = _sizes(self.options.skills, count, rng)
        self.first = np.concatenate(([0], np.cumsum(self.size)[:-1]))
        media = np.flatnonzero(self.kind == 0)
        self.triple = np.full(count, -1)
        self.triple[media] = np.arange(len(media)) // TRIPLE
        self._triples = [media[i : i + TRIPLE].tolist() for i in range(0, len(media), TRIPLE)]
        # Another seed, other words: the numbers of topics start elsewhere.
        self._first_shared = int(rng.random() * SHORT_PHRASES)
        self._first_owner = int(rng.random() * len(NOUNS) ** 2)
        kind_odds = np.array(
            [
                [_DEVICE_ODDS if device in kind.devices else 1.0 for kind in self.grammar.kinds]
                for device in DEVICES
            ]
        )
        self.device_odds = kind_odds[:, self.kind]  # [devices, D]
        self.noun_count = np.array([len(words) for words in self.domain_nouns])
        rows = [
            [code(words[i % len(words)]) for i in range(int(self.noun_count.max()))]
            for words in self.domain_nouns
        ]
        self.noun_code = np.array(rows, dtype=np.uint64)

    def _make_skills(self, rng: np.random.Generator) -> None:
        options, skills = self.options, self.options.skills
        self.domain = np.repeat(np.arange(len(self.size)), self.size)
        intents = self.grammar.intents[self.kind[self.domain]]
        order = rng.random((skills, int(self.grammar.intents.max()))).argsort(axis=1)
        order = np.where(order < intents[:, None], order, order.min(axis=1, keepdims=True))
        kept = 3 + (rng.random(skills) * 3).astype(np.int64)  # [S] three to five draws, at least two intents
        bits = np.where(np.arange(order.shape[1]) < kept[:, None], 1 << order, 0)
        self.intent_mask = np.bitwise_or.reduce(bits, axis=1).astype(np.uint8)
        self.covered = (rng.random((skills, COVERED)) ** 1.3 * SHARED_TOPICS).astype(np.uint8)
        self.topic_mask = np.bitwise_or.reduce(1 << self.covered.astype(np.int64), axis=1).astype(np.uint32)
        self.wording = (rng.random(skills) * 2**16).astype(np.uint16)
        rank = rng.random(skills).argsort().argsort()
        weight = (rank + 1.0 + _FLAT_HEAD * skills) ** -options.zipf
        self.popularity = weight / weight.sum()
        self.cumulative = np.concatenate(([0.0], np.cumsum(self.popularity)))
        new = rng.random(skills) < options.new_skills
        at = rng.random(skills)
        self.first_seen = np.where(new, at * options.days * 0.8, at * 365 - 366) * DAY_MS
        self.first_seen = self.first_seen.astype(np.int64)
        oldest = self.first_seen.argmin()  # somebody can serve the first request
        self.first_seen[oldest] = min(self.first_seen[oldest], -DAY_MS)
        self.trend = generator(options.seed, _TREND).standard_normal(skills)
        self._brand = int(rng.random() * BRANDS)
        self.names = [
            f"{brand(self._brand + s)} {self.domain_nouns[d][0]}" for s, d in enumerate(self.domain)
        ]
        self.skill_ids = [name.replace(" ", "_") for name in self.names]

    def topic(self, domain: int, number: int) -> str:
        """The words of a domain's topic; equal words are one topic, in all of a triple for a title.

        Numbers beyond the own topics of the domain's last skill are topics that nobody covers.
        """
        if number >= SHARED_TOPICS:
            local, number = divmod(number - SHARED_TOPICS, OWN_TOPICS)
            nobody = local - int(self.size[domain])
            owner = (
                int(self.first[domain]) + local
                if nobody < 0
                else len(self.domain) + domain * _NOBODIES + nobody
            )
            return own_phrase(self._first_owner + owner, number, OWN_TOPICS)
        triple = int(self.triple[domain])
        if triple >= 0 and number < TITLES:
            return shared_phrase(
                self._first_shared + len(self.size) * SHARED_TOPICS + triple * TITLES + number
            )
        return shared_phrase(self._first_shared + domain * SHARED_TOPICS + number)

    def own_topic(self, skill: int, number: int) -> int:
        """The domain's number for a skill's own topic."""
        return SHARED_TOPICS + (skill - int(self.first[self.domain[skill]])) * OWN_TOPICS + number

    @lru_cache(maxsize=2**15)  # noqa: B019 (the world lives as long as the run)
    def _able(self, domain: int, intent: int, topic: int) -> tuple[int, ...]:
        a = int(self.first[domain])
        b = a + int(self.size[domain])
        able = self.intent_mask[a:b] >> intent & 1
        if topic >= 0:
            able = able & (self.topic_mask[a:b] >> topic & 1)
        return tuple((np.flatnonzero(able) + a).tolist())

    def able(self, domain: int, intent: int, topic: int, *, bare: bool) -> list[int]:
        """The skills that can serve an intent on a shared topic (-1: on none), new ones included.

        With `bare` the sentence does not say which medium it wants, so a title counts in all of its triple.
        """
        if not bare or self.triple[domain] < 0 or not 0 <= topic < TITLES:
            return list(self._able(domain, intent, topic))
        return [s for d in self._triples[self.triple[domain]] for s in self._able(d, intent, topic)]

    def intent_name(self, domain: int, intent: int) -> str:
        return self.grammar.intent_names[int(self.kind[domain])][intent]

    def topic_slot(self, domain: int) -> str:
        return self.grammar.kinds[int(self.kind[domain])].topic

    def skills(self) -> Iterator[Skill]:
        """The catalogue, one skill after the other."""
        for s in range(len(self.domain)):
            yield self._skill(s)

    def _skill(self, s: int) -> Skill:
        d, grammar, wording = int(self.domain[s]), self.grammar, int(self.wording[s])
        declared = [i for i in range(int(grammar.intents[self.kind[d]])) if self.intent_mask[s] >> i & 1]
        own = [self.topic(d, self.own_topic(s, j)) for j in range(OWN_TOPICS)]
        shared = [self.topic(d, t) for t in sorted(set(self.covered[s].tolist()))]
        examples, intents = [], []
        for n, i in enumerate(declared):
            numbers = grammar.first_intent[self.kind[d]] + i
            table, counts = grammar.all_frames
            frames = [grammar.frames[f] for f in table[numbers][: counts[numbers]]]
            slots = {
                self._slot(d, kind) for f in frames for kind, _ in f.pieces if kind not in ("text", "V", "S")
            }
            intents.append(Intent(name=self.intent_name(d, i), slots=tuple(sorted(slots))))
            verb = grammar.verbs[grammar.first_verb[numbers] + wording % grammar.verb_count[numbers]]
            about = own[n % OWN_TOPICS] if n % 2 == 0 else shared[n % len(shared)]
            frame = next(f for f in frames[wording % 2 :] if f.has("T"))
            examples.append(_example(frame, verb, self.domain_nouns[d], about, wording))
        name = self.names[s].title()
        verbs = ", ".join(intent.name.replace("_", " ") for intent in intents)
        return Skill(
            skill_id=self.skill_ids[s],
            domain=self.domain_names[d],
            name=name,
            invocations=(self.names[s],),
            description=(
                f"{name} for {' and '.join(self.domain_nouns[d][:2])}: {', '.join(own)}, and also "
                f"{', '.join(shared)}. It can {verbs}."
            ),
            examples=tuple(examples[:3]),
            intents=tuple(intents),
            locales=("en-US",),
            rating=round(2.5 + 2.5 * (wording % 101) / 100, 1),
            reviews=int(self.popularity[s] / self.popularity.min()) * (1 + wording % 7),
            first_seen=START + timedelta(milliseconds=int(self.first_seen[s])),
        )

    def _slot(self, domain: int, kind: str) -> str:
        return self.topic_slot(domain) if kind == "T" else kind


def _subjects(grammar: Grammar) -> list[tuple[int, str, tuple[str, ...]]]:
    """(kind, domain name, nouns): the three kinds of titles first, then the kinds in turn."""
    per_kind = [[(k, *subject) for subject in kind.subjects.items()] for k, kind in enumerate(grammar.kinds)]
    head, rest = per_kind[0][:TRIPLE], [per_kind[0][TRIPLE:], *per_kind[1:]]
    longest = max(map(len, rest))
    return head + [row[i] for i in range(longest) for row in rest[1:] + rest[:1] if i < len(row)]


def _sizes(skills: int, domains: int, rng: np.random.Generator) -> NDArray[np.int64]:
    """How many skills each domain has: long-tailed, at least one, in random order."""
    flat = max(3.0, domains / 40)  # so that the largest domain does not grow with their number
    weight = np.power(rng.random(domains).argsort() + flat, -0.6)
    ideal = (skills - domains) * weight / weight.sum()
    sizes: NDArray[np.int64] = 1 + ideal.astype(np.int64)
    missing = skills - int(sizes.sum())
    sizes[np.argsort(sizes - ideal, kind="stable")[:missing]] += 1
    return sizes


def _example(frame: Frame, verb: str, words: tuple[str, ...], topic: str, wording: int) -> str:
    fill = {"V": verb, "S": words[wording % len(words)], "T": topic}
    return "".join(
        text if kind == "text" else fill.get(kind) or SLOT_VALUES[kind][wording % len(SLOT_VALUES[kind])]
        for kind, text in frame.pieces
    )
