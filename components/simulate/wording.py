"""How it is said: for every request of a plan the numbers of frame, verb, noun, opener and tail.

Sentence templates fall into pools by a hash of their words. A share of the requests takes its template from
the pool of its customer's split alone, so that a test split holds templates that train never shows.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.simulate.customers import Customers
from components.simulate.plan import OUT_OF_SCOPE, Ints, Plan
from components.simulate.world import World, generator

POOLS = {"train": (2, 3), "rank": (4, 4), "dev": (5, 5), "test": (6, 7)}
"""Of eight pools those that belong to one split (first, last); the first two are everybody's."""

_WORDING = 4  # what a generator's key says it is for
_TRIES = 24  # templates drawn per request; the first from the right pool is used
_HABIT = 0.5  # chance that a request uses its skill's own verb and noun


class Wording(NamedTuple):
    """The words of the requests of a plan, every array [R], but `values` [R, 2].

    Attributes:
        frame, verb, opener, tail: Numbers in the lists of `Grammar`.
        noun: Number among the domain's nouns; among `Grammar.unserved` where no skill can serve the request.
        values: In [0, 1), for the shared slots.
        carrier: In [0, 1), for the phrase that names the skill.
    """

    frame: Ints
    verb: Ints
    noun: Ints
    opener: Ints
    tail: Ints
    values: NDArray[np.float64]
    carrier: NDArray[np.float64]

    def rows(self) -> Iterator["Words"]:
        """The words of the requests one by one, as plain numbers."""
        return map(Words._make, zip(*(column.tolist() for column in self), strict=True))


class Words(NamedTuple):
    """The words of one request of a `Wording`."""

    frame: int
    verb: int
    noun: int
    opener: int
    tail: int
    values: list[float]
    carrier: float


def make_wording(world: World, customers: Customers, plan: Plan, group: int, part: int) -> Wording:
    """Draws the words of every request of a plan."""
    grammar, options, count = world.grammar, world.options, len(plan.skill)
    rng = generator(options.seed, _WORDING, group, part)
    kind = world.kind[world.domain[plan.server]]
    intent = np.where(plan.elliptical, grammar.follow_up[kind], grammar.first_intent[kind] + plan.intent)
    shape = (_TRIES, count)
    frame = _frames(world, rng, plan, intent, shape)
    habit = rng.random(shape) < _HABIT
    own = world.wording[plan.server].astype(np.int64)
    verbs = grammar.verb_count[intent]
    verb = (
        np.where(habit, own % verbs, (rng.random(shape) * verbs).astype(np.int64))
        + grammar.first_verb[intent]
    )
    domain = world.domain[plan.server]
    nouns = world.noun_count[domain]
    noun = np.where(habit, own // 7 % nouns, (rng.random(shape) * nouns).astype(np.int64))
    unserved = plan.outcome == OUT_OF_SCOPE
    noun = np.where(unserved, (rng.random(shape) * len(grammar.unserved)).astype(np.int64), noun)
    mood = grammar.mood[frame]
    opener = (rng.random(shape) * grammar.opener_code.shape[1]).astype(np.int64)
    tail = (rng.random(shape) * grammar.tail_code.shape[1]).astype(np.int64)
    codes = (
        grammar.frame_code[frame],
        np.where(grammar.has_verb[frame], grammar.verb_code[verb], 0).astype(np.uint64),
        np.where(
            grammar.has_subject[frame] & ~unserved,
            world.noun_code[domain, noun % world.noun_code.shape[1]],
            0,
        ).astype(np.uint64),
        np.where(plan.invoked, 0, grammar.opener_code[mood, opener]).astype(np.uint64),
        grammar.tail_code[mood, tail],
    )
    pick = _pick(rng, _pools(codes), customers, plan, options.private_templates)
    rows = np.arange(count)
    return Wording(
        frame=frame[pick, rows],
        verb=verb[pick, rows],
        noun=noun[pick, rows],
        opener=opener[pick, rows],
        tail=tail[pick, rows],
        values=rng.random((count, 2)),
        carrier=rng.random(count),
    )


def _frames(world: World, rng: np.random.Generator, plan: Plan, intent: Ints, shape: tuple[int, int]) -> Ints:
    """Frames that hold the topic where there is one, and none where there is none: [_TRIES, R]."""
    grammar = world.grammar
    at = rng.random(shape)
    frames = []
    for table, counts in (grammar.topic_frames, grammar.plain_frames, grammar.subject_frames):
        frames.append(table[intent, (at * counts[intent]).astype(np.int64)])
    with_topic, plain, with_subject = frames
    chosen = np.where(plan.topic >= 0, with_topic, plain)
    return np.where(plan.outcome == OUT_OF_SCOPE, with_subject, chosen)


def _pools(codes: tuple[NDArray[np.uint64], ...]) -> Ints:
    """The pool of each template, 0 to 7, from the numbers of its parts."""
    mixed = np.zeros_like(codes[0])
    for part in codes:
        mixed = (mixed ^ part) * np.uint64(0x9E3779B97F4A7C15)
        mixed ^= mixed >> np.uint64(29)
    return (mixed >> np.uint64(40)).astype(np.int64) & 7


def _pick(
    rng: np.random.Generator, pools: Ints, customers: Customers, plan: Plan, private_templates: float
) -> Ints:
    """Which of the drawn templates each request uses [R]; one of everybody's where its own pool has none."""
    bounds = np.array([POOLS[split] for split in customers.splits])[plan.customer]  # [R, 2]
    everybody = pools < 2
    private = (pools >= bounds[:, 0]) & (pools <= bounds[:, 1])
    wants_private = rng.random(pools.shape[1]) < private_templates
    rank = np.where(wants_private, 2 * private + everybody, 2 * everybody + private)
    pick: Ints = rank.argmax(axis=0)
    return pick
