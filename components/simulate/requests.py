"""Requests out of plans: the one place where numbers become records."""

from collections.abc import Iterator
from datetime import timedelta

from components.records.request import Context, Request
from components.simulate.customers import GROUP, Customers, make_customers
from components.simulate.plan import HANDLED, OUT_OF_SCOPE, REJECTED, Event, make_plan
from components.simulate.speech import say
from components.simulate.wording import make_wording
from components.simulate.world import DEVICES, SHARED_TOPICS, START, World, generator

PART = 8_192
"""Most requests that are planned at once; what a group says beyond it is planned stretch by stretch."""

_SLIPS = 5  # what a generator's key says it is for
_OUTCOMES = ("handled", "rejected", "out_of_scope", "unknown")  # by the numbers of plan.py
_ANNOTATED = 0.5  # share of the rejected requests whose right skills are known
_MILLISECOND = timedelta(milliseconds=1)
_NOTHING = Context()


def requests(world: World) -> Iterator[Request]:
    """Every request, group of customers by group; each customer's in time order.

    Memory is that of one group's part, whatever the number of requests and customers.
    """
    options = world.options
    first = 0
    for group in range(-(-options.customers // GROUP)):
        count = min(GROUP, options.customers - group * GROUP)
        last = options.requests * (group * GROUP + count) // options.customers
        if last > first:
            yield from _group(world, make_customers(world, group, count), group, first, last)
        first = last


def _group(world: World, customers: Customers, group: int, first: int, last: int) -> Iterator[Request]:
    """The requests numbered `first` to `last`, which are those of one group."""
    parts = -(-(last - first) // PART)
    enabled = [[world.skill_ids[s] for s in row if s >= 0] for row in customers.enabled.tolist()]
    for part in range(parts):
        begin = first + (last - first) * part // parts
        end = first + (last - first) * (part + 1) // parts
        plan = make_plan(world, customers, group, part, parts, end - begin)
        wording = make_wording(world, customers, plan, group, part)
        slips = generator(world.options.seed, _SLIPS, group, part).random((end - begin, 5)).tolist()
        before = _NOTHING
        rows = zip(range(begin, end), plan.rows(), wording.rows(), slips, strict=True)
        for number, event, words, slip in rows:
            utterance, slots = say(world, event, words, slip)
            domain = int(world.domain[event.server])
            intent = world.intent_name(domain, event.intent)
            skill_id = world.skill_ids[event.skill]
            handled = event.outcome == HANDLED
            known = handled or (event.outcome == REJECTED and slip[4] < _ANNOTATED)
            if event.turn == 0:
                before = _NOTHING
            listed = zip(enabled[event.customer], event.listed, strict=False)  # `listed` is padded
            yield Request(
                request_id=f"r{number:09d}",
                utterance=utterance,
                timestamp=START + event.time * _MILLISECOND,
                locale="en-US",
                device=DEVICES[event.device],
                customer_id=customers.ids[event.customer],
                enabled_skills=tuple([skill for skill, there in listed if there]),
                context=Context(
                    previous_skill=before.previous_skill,
                    previous_intent=before.previous_intent,
                    turn=event.turn,
                    new_intent=(before.previous_skill, before.previous_intent) != (skill_id, intent),
                ),
                skill_id=skill_id if handled or event.outcome == REJECTED else None,
                intent=intent if handled else None,
                slots=slots if handled else (),
                also_correct=_also_correct(world, event, domain, words.frame) if known else (),
                outcome=_OUTCOMES[event.outcome],
            )
            before = _seen_before(event, skill_id, intent)


def _seen_before(event: Event, skill_id: str, intent: str) -> Context:
    """What the next turn knows of this one: where it went, and the intent unless it was not understood."""
    if event.outcome == OUT_OF_SCOPE:
        return _NOTHING
    return Context(previous_skill=skill_id, previous_intent=None if event.outcome == REJECTED else intent)


def _also_correct(world: World, event: Event, domain: int, frame: int) -> tuple[str, ...]:
    """Everybody who could serve the request at that time, but the skill that got it."""
    if event.topic >= SHARED_TOPICS:
        able = [event.server]
    else:
        bare = not event.elliptical and not world.grammar.has_subject[frame]
        able = world.able(domain, event.intent, event.topic, bare=bare)
    return tuple([world.skill_ids[s] for s in able if s != event.skill and world.first_seen[s] <= event.time])
