"""What a request sounds like: its numbers as an utterance with slots."""

from components.records.request import Slot
from components.simulate.plan import OUT_OF_SCOPE, Event
from components.simulate.sentence import Piece, join, misspell
from components.simulate.wording import Words
from components.simulate.words import SLOT_VALUES
from components.simulate.world import World


def say(world: World, event: Event, words: Words, slips: list[float]) -> tuple[str, tuple[Slot, ...]]:
    """The utterance of a request and its slots.

    Args:
        slips: Four numbers in [0, 1): whether a word is misspelled, where, how, and with which letter.
    """
    grammar = world.grammar
    frame = grammar.frames[words.frame]
    pieces = _command(world, event, words)
    ending = grammar.tails[frame.mood][words.tail]
    if ending:
        pieces.append((" " + ending, ""))
    opener = grammar.openers[frame.mood][words.opener]
    if opener and not event.invoked:
        pieces.insert(0, (opener + " ", ""))
    if slips[0] < world.options.noise:
        pieces = misspell(pieces, *slips[1:4])
    if event.invoked:
        pieces = _invoke(world, event.skill, frame.mood, words.carrier, pieces)
    return join(pieces)


def _command(world: World, event: Event, words: Words) -> list[Piece]:
    grammar = world.grammar
    domain = int(world.domain[event.server])
    pieces: list[Piece] = []
    values = iter(words.values)
    for kind, text in grammar.frames[words.frame].pieces:
        if kind == "text":
            pieces.append((text, ""))
        elif kind == "V":
            pieces.append((grammar.verbs[words.verb], ""))
        elif kind == "S":
            nouns = grammar.unserved if event.outcome == OUT_OF_SCOPE else world.domain_nouns[domain]
            pieces.append((nouns[words.noun], ""))
        elif kind == "T":
            pieces.append((world.topic(domain, event.topic), world.topic_slot(domain)))
        else:
            choices = SLOT_VALUES[kind]
            pieces.append((choices[int(next(values) * len(choices))], kind))
    return pieces


def _invoke(world: World, skill: int, mood: int, choice: float, pieces: list[Piece]) -> list[Piece]:
    """The pieces in a phrase that names the skill; the name is never misspelled."""
    carriers = world.grammar.carriers[mood]
    carrier = carriers[int(choice * len(carriers))]
    name = world.names[skill]
    if carrier.name_first:
        return [(carrier.before + name + carrier.between, ""), *pieces, (carrier.after, "")]
    return [(carrier.before, ""), *pieces, (carrier.between + name + carrier.after, "")]
