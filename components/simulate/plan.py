"""What happens: for a group of customers, every request as a row of numbers, without words yet."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from components.simulate.customers import Customers, draw_skills
from components.simulate.world import (
    COVERED,
    DAY_MS,
    DEVICES,
    NOBODYS_TOPICS,
    OWN_TOPICS,
    SHARED_TOPICS,
    World,
    generator,
)

HANDLED, REJECTED, OUT_OF_SCOPE, UNKNOWN = range(4)
_REQUESTS = 3  # what a generator's key says it is for
_SHIFT = 7
_PATIENCE_MS = 40_000  # longest pause inside a dialogue
_LONGEST = 8  # turns of a dialogue
_SAME_SKILL = 0.75  # chance that a follow-up stays with the skill
_ELLIPTICAL = 0.3  # chance that a follow-up with the skill and its intent leaves everything but the topic out
_NO_TOPIC = 0.12  # chance that a request about something shared names no topic
_USE = 0.35  # exponent of popularity in how often an enabled skill is used
_MOVING = 0.25  # of the drift: the chance that a request comes from a newer device by the period's end
_NEWER = 2  # devices, the last ones
_CANDIDATES = 4  # draws of a skill that is not enabled; the first that fits is used

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Plan(NamedTuple):
    """Requests of one group in time order; every array is [R], but `listed` [R, E].

    Attributes:
        customer: Row of the customer in the group.
        time: Milliseconds since the start of the period; rises strictly for each customer.
        device: Number in `DEVICES`.
        listed: Which of the customer's enabled skills exist by now.
        skill: The skill that gets the request (also where it fails, or the label is not known).
        server: The skill that the request is made for; differs from `skill` where that one fails.
        intent: Number among the intents of the server's kind.
        topic: Number of the domain's topic, at least `SHARED_TOPICS` for an own topic; -1 for none.
        outcome: HANDLED, REJECTED, OUT_OF_SCOPE or UNKNOWN.
        invoked: The request names the skill.
        elliptical: The request leaves out everything that the turn before said.
        turn: Place in its dialogue, from 0; the turn before is the row before.
    """

    customer: Ints
    time: Ints
    device: Ints
    listed: Bools
    skill: Ints
    server: Ints
    intent: Ints
    topic: Ints
    outcome: Ints
    invoked: Bools
    elliptical: Bools
    turn: Ints

    def rows(self) -> Iterator["Event"]:
        """The requests one by one, as plain numbers."""
        return map(Event._make, zip(*(column.tolist() for column in self), strict=True))


class Event(NamedTuple):
    """One request of a `Plan`."""

    customer: int
    time: int
    device: int
    listed: list[bool]
    skill: int
    server: int
    intent: int
    topic: int
    outcome: int
    invoked: bool
    elliptical: bool
    turn: int


def make_plan(world: World, customers: Customers, group: int, part: int, parts: int, count: int) -> Plan:
    """`count` requests of a group in the `part`-th of `parts` equal stretches of the period."""
    options = world.options
    rng = generator(options.seed, _REQUESTS, group, part)
    customer = np.sort(np.searchsorted(customers.activity[:-1], rng.random(count), side="right"))
    starts, turn = _dialogues(rng, customer, options.follow_ups)
    stretch = options.days * DAY_MS / parts
    time = _times(rng, customer, starts, turn, stretch, int(part * stretch))
    device = np.take_along_axis(
        customers.devices[customer], (rng.random((count, 1)) < 0.3).astype(np.int64), axis=1
    )[:, 0][starts]
    if options.drift:
        moving = generator(options.seed, _SHIFT, group, part).random(count)  # [R]
        moves = moving < _MOVING * options.drift * time / (options.days * DAY_MS)
        device = np.where(moves, len(DEVICES) - 1 - device % _NEWER, device)[starts]
    enabled = customers.enabled[customer]  # [R, E]
    listed = (enabled >= 0) & (world.first_seen[enabled] <= time[:, None])
    skill = _skills(world, customers, rng, customer, time, device, enabled, listed)
    rows = np.arange(count)
    stays = (turn > 0) & (rng.random(count) < _SAME_SKILL)
    origin = np.maximum.accumulate(np.where(stays, 0, rows))  # the turn that chose the skill
    skill = skill[origin]
    outcome = _outcomes(rng, count, options.rejected, options.out_of_scope, options.unknown)
    server = np.where(outcome == REJECTED, _others(world, rng, skill, time), skill)
    outcome[(outcome == REJECTED) & (server == skill)] = HANDLED
    intent = _pick_intents(world, rng, server)
    keeps = stays & (rng.random(count) < 0.6) & (server == skill) & (outcome[rows - 1] <= HANDLED)
    intent = intent[np.maximum.accumulate(np.where(keeps, 0, rows))]
    topic = _pick_topics(world, rng, skill, server, intent, enabled, listed, outcome)
    elliptical = keeps & (outcome == HANDLED) & (topic >= 0) & (rng.random(count) < _ELLIPTICAL)
    invoked = (rng.random(count) < options.invocations) & ~elliptical & (outcome != OUT_OF_SCOPE)
    return Plan(
        customer, time, device, listed, skill, server, intent, topic, outcome, invoked, elliptical, turn
    )


def _dialogues(rng: np.random.Generator, customer: Ints, follow_ups: float) -> tuple[Ints, Ints]:
    """Per request the row that its dialogue starts at, and its turn in it."""
    rows = np.arange(len(customer))
    follows = rng.random(len(customer)) < follow_ups
    follows[:1] = False
    follows[1:] &= customer[1:] == customer[:-1]
    turn = (rows - np.maximum.accumulate(np.where(follows, 0, rows))) % _LONGEST
    return rows - turn, turn


def _times(
    rng: np.random.Generator, customer: Ints, starts: Ints, turn: Ints, stretch: float, begin: int
) -> Ints:
    """Milliseconds: random for a dialogue's start, seconds apart inside it, rising for each customer."""
    span = 2 * int(stretch)  # apart, so that one running maximum serves all customers
    drawn = (rng.random(len(customer)) * stretch * 0.98).astype(np.int64)
    at = np.sort(customer * span + drawn)  # sorts inside each customer
    patience = min(_PATIENCE_MS, 0.01 * stretch / _LONGEST)  # the last dialogue ends before the stretch does
    at = at[starts] + (turn * patience * (0.1 + 0.9 * rng.random(len(at)))).astype(np.int64)
    rows = np.arange(len(at))
    at = np.maximum.accumulate(at - rows) + rows
    result: Ints = begin + at - customer * span
    return result


def _skills(
    world: World,
    customers: Customers,
    rng: np.random.Generator,
    customer: Ints,
    time: Ints,
    device: Ints,
    enabled: Ints,
    listed: Bools,
) -> Ints:
    """Whom each request is for: an enabled skill with the chance `inclusion`, else another that exists."""
    count = len(customer)
    weight = np.log(world.popularity[enabled]) * _USE + customers.fondness[customer]
    weight += np.log(world.device_odds[device[:, None], world.domain[enabled]])
    if world.options.drift:
        passed = time / (world.options.days * DAY_MS)  # [R], 0 to 1
        weight += world.options.drift * passed[:, None] * world.trend[enabled]
    gumbel = -np.log(rng.standard_exponential(enabled.shape))  # the greatest sum is a draw by weight
    best = np.where(listed, weight + gumbel, -np.inf).argmax(axis=1)
    inside = enabled[np.arange(count), best]
    drawn = draw_skills(world, rng, customers.liked[customer], _CANDIDATES)  # [R, _CANDIDATES]
    fits = world.first_seen[drawn] <= time[:, None]
    fits &= ~((drawn[:, :, None] == enabled[:, None, :]) & listed[:, None, :]).any(axis=2)
    outside = drawn[np.arange(count), fits.argmax(axis=1)]
    found = fits.any(axis=1)
    some = listed.any(axis=1)
    within = some & ((rng.random(count) < world.options.inclusion) | ~found)
    oldest = int(world.first_seen.argmin())  # there is always one skill that exists
    return np.where(within, inside, np.where(found, outside, oldest))


def _outcomes(
    rng: np.random.Generator, count: int, rejected: float, out_of_scope: float, unknown: float
) -> Ints:
    at = rng.random(count)
    bounds = np.cumsum((rejected, out_of_scope, unknown))
    outcome = np.searchsorted(bounds, at, side="right")  # 0 .. 3
    return np.array([REJECTED, OUT_OF_SCOPE, UNKNOWN, HANDLED])[outcome]


def _others(world: World, rng: np.random.Generator, skill: Ints, time: Ints) -> Ints:
    """Another skill of the same domain by popularity; the skill itself where the draw finds none."""
    domain = world.domain[skill]
    low = world.cumulative[world.first[domain]]
    high = world.cumulative[world.first[domain] + world.size[domain]]
    at = low + rng.random(len(skill)) * (high - low)
    other = np.searchsorted(world.cumulative, at, side="right") - 1
    fits = world.domain[np.minimum(other, len(world.domain) - 1)] == domain
    other = np.where(fits, other, skill)
    return np.where(world.first_seen[other] <= time, other, skill)


def _pick_intents(world: World, rng: np.random.Generator, server: Ints) -> Ints:
    """One of the intents that the server declares, each as likely."""
    bits = world.intent_mask[server][:, None] >> np.arange(8) & 1
    picked: Ints = np.where(bits == 1, rng.random(bits.shape), -1.0).argmax(axis=1)
    return picked


def _pick_topics(
    world: World,
    rng: np.random.Generator,
    skill: Ints,
    server: Ints,
    intent: Ints,
    enabled: Ints,
    listed: Bools,
    outcome: Ints,
) -> Ints:
    """A topic that the server covers: a shared one or none with the chance `overlap`, else one of its own.

    What no skill can serve is about a topic that none covers; what its skill fails on is about another
    skill's own topic. A customer asks a skill that is not enabled only for what no enabled one serves:
    what would be shared with one of those is own.
    """
    count = len(server)
    domain = world.domain[server]
    own = SHARED_TOPICS + (server - world.first[domain]) * OWN_TOPICS
    own += (rng.random(count) * OWN_TOPICS).astype(np.int64)
    nobodys = (
        SHARED_TOPICS
        + world.size[domain] * OWN_TOPICS
        + (rng.random(count) * NOBODYS_TOPICS).astype(np.int64)
    )
    draws = (rng.random(count) * COVERED).astype(np.int64)
    shared = world.covered[server, draws].astype(np.int64)
    kind = world.kind[domain]
    may_lack = world.grammar.plain_frames[1][world.grammar.first_intent[kind] + intent] > 0
    shared = np.where((rng.random(count) < _NO_TOPIC) & may_lack, -1, shared)
    is_shared = (rng.random(count) < world.options.overlap) & (outcome != REJECTED)
    serves = listed & (world.domain[enabled] == domain[:, None])
    serves &= (world.intent_mask[enabled] >> intent[:, None] & 1) == 1
    serves &= (shared[:, None] < 0) | ((world.topic_mask[enabled] >> np.maximum(shared, 0)[:, None] & 1) == 1)
    is_enabled = (listed & (enabled == skill[:, None])).any(axis=1)
    topic = np.where(is_shared & (is_enabled | ~serves.any(axis=1)), shared, own)
    return np.where(outcome == OUT_OF_SCOPE, nobodys, topic)
