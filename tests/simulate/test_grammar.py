"""What `grammar.toml` must hold for labels to be exact."""

import collections

import pytest

from components.simulate.grammar import MOODS, Grammar, compile_carrier, compile_frame
from components.simulate.words import ADJECTIVES, NOUNS, SLOT_VALUES
from components.simulate.world import DEVICES

GRAMMAR = Grammar()


def test_every_frame_tells_its_domain():
    assert [frame for frame in GRAMMAR.frames if not (frame.has("T") or frame.has("S"))] == []


def test_every_hole_is_known():
    kinds = {kind for frame in GRAMMAR.frames for kind, _ in frame.pieces}
    assert kinds <= {"text", "V", "S", "T", *SLOT_VALUES}


def test_at_most_two_shared_slots_a_frame():
    assert max(sum(kind in SLOT_VALUES for kind, _ in frame.pieces) for frame in GRAMMAR.frames) <= 2


@pytest.mark.parametrize("kind", GRAMMAR.kinds)
def test_every_intent_has_frames_with_topic_and_with_subject(kind):
    for intent in kind.intents.values():
        frames = [compile_frame(text) for text in intent.frames]
        assert any(frame.has("T") for frame in frames)
        assert any(frame.has("S") for frame in frames)


def test_nouns_belong_to_one_subject():
    nouns = [noun for kind in GRAMMAR.kinds for words in kind.subjects.values() for noun in words]
    nouns += GRAMMAR.unserved
    assert [noun for noun, n in collections.Counter(nouns).items() if n > 1] == []
    assert not {*nouns} & {*NOUNS, *ADJECTIVES}


def test_domains_devices_and_moods_are_known():
    domains = [name for kind in GRAMMAR.kinds for name in kind.subjects]
    assert len(set(domains)) == len(domains)
    assert {device for kind in GRAMMAR.kinds for device in kind.devices} <= set(DEVICES)
    assert len(GRAMMAR.openers) == len(GRAMMAR.tails) == len(GRAMMAR.carriers) == len(MOODS)


def test_a_carrier_may_start_with_the_command():
    assert compile_carrier("{C} with {N} now") == ("", " with ", " now", False)
