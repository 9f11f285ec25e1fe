"""Requests out of plans: the one place where numbers become records."""

from collections.abc import Iterator
from datetime import timedelta

import numpy as np

from components.records.request import Context, Request
from components.simulate.customers import GROUP, Customers, make_customers
from components.simulate.plan import HANDLED, OUT_OF_SCOPE, REJECTED, UNKNOWN, Plan, make_plan
from components.simulate.sentence import Piece, join, misspell
from components.simulate.wording import Wording, make_wording
from components.simulate.words import SLOT_VALUES
from components.simulate.world import DEVICES, SHARED_TOPICS, START, World, generator

PART = 8_192
"""Most requests that are planned at once; what a group says beyond it is planned stretch by stretch."""

_SLIPS = 5  # what a generator's key says it is for
_OUTCOMES = ("handled", "rejected", "out_of_scope", "unknown")
_ANNOTATED = 0.5  # share of the rejected requests whose right skills are known
_MILLISECOND = timedelta(milliseconds=1)


def requests(world: World) -> Iterator[Request]:
    """Every request, group of customers by group; each customer's in time order.

    Memory is that of one group's part, whatever the number of requests and customers.
    """
    options = world.options
    groups = -(-options.customers // GROUP)
    first = 0
    for group in range(groups):
        count = min(GROUP, options.customers - group * GROUP)
        last = options.requests * (group * GROUP + count) // options.customers
        if last > first:
            customers = make_customers(world, group, count)
            yield from _group(world, customers, group, first, last)
        first = last


def _group(world: World, customers: Customers, group: int, first: int, last: int) -> Iterator[Request]:
    parts = -(-(last - first) // PART)
    for part in range(parts):
        begin = first + (last - first) * part // parts
        end = first + (last - first) * (part + 1) // parts
        plan = make_plan(world, customers, group, part, parts, end - begin)
        wording = make_wording(world, customers, plan, group, part)
        slips = generator(world.options.seed, _SLIPS, group, part).random((end - begin, 5))
        yield from _Writer(world, customers, plan, wording, slips).write(begin)


class _Writer:
    """Turns the rows of one plan into records."""

    def __init__(
        self, world: World, customers: Customers, plan: Plan, wording: Wording, slips: "np.ndarray[tuple[int, int], np.dtype[np.float64]]"
    ) -> None:
        self.world = world
        self.grammar = world.grammar
        self.customers = customers
        self.columns = [column.tolist() for column in plan]
        self.words = [column.tolist() for column in wording]
        self.slips = slips.tolist()
        self.noise = world.options.noise
        self.enabled = [[world.skill_ids[s] if s >= 0 else "" for s in row] for row in customers.enabled.tolist()]

    def write(self, number: int) -> Iterator[Request]:
        skill_ids, ids, domain_of = self.world.skill_ids, self.customers.ids, self.world.domain.tolist()
        before: tuple[str | None, str | None] = (None, None)
        rows = zip(zip(*self.columns, strict=True), zip(*self.words, strict=True), self.slips, strict=True)
        for row, words, slips in rows:
            customer, time, device, listed, skill, server, intent, topic, outcome, invoked, _, turn, previous = row
            domain = domain_of[server]
            name = self.world.intent_name(domain, intent)
            utterance, slots = self._say(words, domain, skill, topic, outcome == OUT_OF_SCOPE, invoked, slips)
            if previous < 0:
                before = (None, None)
            labelled = outcome == HANDLED
            also: tuple[str, ...] = ()
            if labelled or (outcome == REJECTED and slips[4] < _ANNOTATED):
                also = self._also(words[0], domain, skill, server, intent, topic, time)
            yield Request(
                request_id=f"r{number:09d}",
                utterance=utterance,
                timestamp=START + time * _MILLISECOND,
                locale="en-US",
                device=DEVICES[device],
                customer_id=ids[customer],
                enabled_skills=tuple([s for s, there in zip(self.enabled[customer], listed, strict=True) if there]),
                context=Context(
                    previous_skill=before[0],
                    previous_intent=before[1],
                    turn=turn,
                    new_intent=turn == 0 or name != before[1] or skill_ids[skill] != before[0],
                ),
                skill_id=skill_ids[skill] if labelled or outcome == REJECTED else None,
                intent=name if labelled else None,
                slots=slots if labelled else (),
                also_correct=also,
                outcome=_OUTCOMES[outcome],
            )
            number += 1
            before = (
                None if outcome == OUT_OF_SCOPE else skill_ids[skill],
                name if outcome in (HANDLED, UNKNOWN) else None,
            )

    def _also(
        self, frame: int, domain: int, skill: int, server: int, intent: int, topic: int, time: int
    ) -> tuple[str, ...]:
        """Everybody who could serve the request at that time, but the skill that got it."""
        world = self.world
        if topic >= SHARED_TOPICS:
            able = [server]
        else:
            able = world.able(domain, intent, topic, bare=not self.grammar.frames[frame].has_subject)
        return tuple([world.skill_ids[s] for s in able if s != skill and world.first_seen[s] <= time])

    def _say(
        self, words: tuple, domain: int, skill: int, topic: int, unserved: bool, invoked: bool, slips: list[float]
    ):
        frame_number, verb, noun, opener, tail, values, carrier = words
        grammar, world = self.grammar, self.world
        frame = grammar.frames[frame_number]
        pieces: list[Piece] = []
        drawn = iter(values)
        for kind, text in frame.pieces:
            if kind == "text":
                pieces.append((text, ""))
            elif kind == "V":
                pieces.append((grammar.verbs[verb], ""))
            elif kind == "S":
                nouns = grammar.unserved if unserved else world.domain_nouns[domain]
                pieces.append((nouns[noun], ""))
            elif kind == "T":
                pieces.append((world.topic(domain, topic), world.topic_slot(domain)))
            else:
                choices = SLOT_VALUES[kind]
                pieces.append((choices[int(next(drawn) * len(choices))], kind))
        ending = grammar.tails[frame.mood][tail]
        if ending:
            pieces.append((" " + ending, ""))
        if not invoked:
            beginning = grammar.openers[frame.mood][opener]
            if beginning:
                pieces.insert(0, (beginning + " ", ""))
        if slips[0] < self.noise:
            pieces = misspell(pieces, *slips[1:4])
        if invoked:
            pieces = self._invoke(pieces, skill, frame.mood, carrier)
        return join(pieces)

    def _invoke(self, pieces: list[Piece], skill: int, mood: int, carrier: float) -> list[Piece]:
        number = int(carrier * len(self.grammar.carriers[mood]))
        start, middle, end = self.grammar.carriers[mood][number]
        name = self.world.names[skill]
        if self.grammar.name_first[mood][number]:
            return [(start + name + middle, ""), *pieces, (end, "")]
        return [(start, ""), *pieces, (middle + name + end, "")]
