import json
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from components.importers import SourceError
from components.importers.sgd import Sgd
from components.importers.sgd_exceptions import APART, family, interchangeable
from components.importers.sgd_form import Dialogue
from components.importers.sgd_turns import requests_of
from components.importers.source import Dropped
from components.records.request import Request, Slot
from tests.importers.sgd_world import dialogue, frame, service, span, system, user, write


def turns(*spoken, alternatives=lambda service, intent: ()):
    told = msgspec.convert(dialogue("7_00003", *spoken), Dialogue)
    return list(requests_of(told, "train", alternatives))


def test_one_frame_makes_one_request_with_spans_and_no_past():
    (request,) = turns(
        user("A cab in Rome", frame("Taxi_1", "GetRide", slots=[span("city", 9, 13)], city="Rome"))
    )
    assert request.skill_id == "Taxi_1"
    assert request.intent == "GetRide"
    assert request.slots == (Slot(name="city", value="Rome", start=9, end=13),)
    assert request.context.turn == 0
    assert request.context.new_intent is True
    assert request.context.previous_skill is None
    assert (request.request_id, request.customer_id) == ("train/7_00003/0", "train/7_00003")
    assert request.timestamp is None


def test_actions_and_service_calls_change_nothing():
    plain = frame("Taxi_1", "GetRide")
    acted = {
        **plain,
        "actions": [{"act": "INFORM_INTENT", "slot": "intent"}],
        "service_call": {"method": "GetRide"},
    }
    assert turns(user("A cab", plain)) == turns(user("A cab", acted))


def test_a_slot_of_the_state_without_a_span_here_is_no_slot():
    first, second = turns(
        user("To Rome", frame("Taxi_1", "GetRide", slots=[span("city", 3, 7)], city="Rome")),
        system(),
        user("For two", frame("Taxi_1", "GetRide", city="Rome", riders="two")),
    )
    assert len(first.slots) == 1
    assert second.slots == ()


def test_context_is_of_the_dialogue():
    _, second, third = turns(
        user("Find food", frame("Food_1", "Find")),
        system(),
        user("At 7", frame("Food_1", "Find", time="7")),
        system(),
        user("Book it", frame("Food_1", "Book", time="7")),
    )
    assert second.request_id == "train/7_00003/2"
    assert second.context.turn == 1
    assert (second.context.previous_skill, second.context.previous_intent) == ("Food_1", "Find")
    assert second.context.new_intent is False
    assert third.context.new_intent is True


def test_of_two_frames_the_changed_one_is_the_request_wherever_it_stands():
    food, taxi = frame("Food_1", "Find"), frame("Taxi_1", "GetRide")
    for frames in ((food, taxi), (taxi, food)):
        _, request = turns(user("Find food", food), system(), user("Thanks. A cab there, please", *frames))
        assert request.skill_id == "Taxi_1"
        assert request.also_correct == ()
        assert request.context.previous_skill == "Food_1"


def test_of_two_frames_a_changed_intent_counts_as_changed():
    before = user("Find food and a cab", frame("Food_1", "Find"), frame("Taxi_1", "GetRide"))
    *_, request = turns(
        before, system(), user("Book it", frame("Food_1", "Book"), frame("Taxi_1", "GetRide"))
    )
    assert (request.skill_id, request.intent) == ("Food_1", "Book")


def test_where_both_frames_changed_the_later_is_the_request_and_the_other_is_also_correct():
    (request,) = turns(user("Food and a cab", frame("Food_1", "Find"), frame("Taxi_1", "GetRide")))
    assert request.skill_id == "Taxi_1"
    assert request.also_correct == ("Food_1",)


def test_two_frames_that_only_carry_old_state_are_no_request():
    frames = (frame("Food_1", "Find"), frame("Taxi_1", "GetRide"))
    first, second = turns(user("Food and a cab", *frames), system(), user("Hm", *frames))
    assert isinstance(first, Request)
    assert second == Dropped("only_old_state", "train")


def test_none_leaves_the_intent_out_and_starts_nothing():
    _, request = turns(
        user("Find food", frame("Food_1", "Find")), system(), user("No, thanks", frame("Food_1", "NONE"))
    )
    assert request.skill_id == "Food_1"
    assert request.intent is None
    assert request.context.new_intent is False
    assert b"intent" not in msgspec.json.encode(request).replace(b"_intent", b"")


@pytest.mark.parametrize("bad", [(3, 99), (5, 5), (-2, 3), (0, 2)])
def test_a_span_that_does_not_fit_drops_the_turn(bad):
    frames = frame("Taxi_1", "GetRide", slots=[span("city", *bad)], city="Rome")
    assert turns(user("To Rome", frames)) == [Dropped("slot_span", "train")]


def test_a_span_of_a_slot_that_the_state_lacks_is_kept():
    (request,) = turns(user("To Rome", frame("Taxi_1", "GetRide", slots=[span("city", 3, 7)])))
    assert request.slots[0].value == "Rome"


def test_spans_count_code_points():
    (request,) = turns(user("🍕 in Rome", frame("Food_1", "Find", slots=[span("city", 5, 9)], city="Rome")))
    assert request.slots[0].value == "Rome"


def test_every_schema_makes_one_catalogue_and_equal_intents_are_also_correct(tmp_path):
    train = [service("Taxi_1", "GetRide", description="Cabs"), service("Taxi_2", "GetRide")]
    src = write(tmp_path, "train", train, [dialogue("1_0", user("A cab", frame("Taxi_1", "GetRide")))])
    write(src, "dev", [service("Taxi_1", "GetRide"), service("Cabs_9", "GetRide", "Pay")], [])
    source = Sgd(src)
    assert [(skill.skill_id, skill.domain) for skill in source.skills()] == [
        ("Cabs_9", "Cabs"),
        ("Taxi_1", "Taxi"),
        ("Taxi_2", "Taxi"),
    ]
    assert source.skills()[1].intents[0].slots == ("city", "time", "phone")
    assert source.splits() == ("train", "dev")
    (request,) = source.requests()
    assert request.also_correct == ("Cabs_9", "Taxi_2")


def test_exceptions_are_held_as_data():
    assert family("RideSharing_2") == "RideSharing"
    assert family("Plain") == "Plain"
    assert not interchangeable("Services_1", "Services_2")
    assert not interchangeable("Media_1", "Movies_1")
    assert not interchangeable("Movies_2", "Media_2")
    assert interchangeable("Media_1", "Media_2")
    assert interchangeable("Restaurants_1", "Restaurants_2")
    for apart in APART:
        names = [name for group in apart.groups for name in group]
        assert len(set(names)) == len(names)
        for one in names:
            assert all(interchangeable(one, other) == interchangeable(other, one) for other in names)


def test_wrong_folders_and_files_say_where(tmp_path):
    with pytest.raises(SourceError, match="must hold train, dev or test"):
        Sgd(tmp_path)
    src = write(tmp_path, "train", [service("Taxi_1", "GetRide")], [])
    broken = src / "train" / "dialogues_002.json"
    broken.write_text('[{"dialogue_id": "1", "turns": [{"speaker": "USER", "utterance": 5, "frames": []}]}]')
    with pytest.raises(SourceError, match=r"dialogues_002.json: .*\$\[0\]\.turns\[0\]\.utterance"):
        list(Sgd(src).requests())
    broken.write_text("[")
    with pytest.raises(SourceError, match=r"dialogues_002.json: .*truncated"):
        list(Sgd(src).requests())
    no_state = [dialogue("1_4", user("Hi", {"service": "Taxi_1", "slots": []}))]
    broken.write_text(json.dumps(no_state))
    with pytest.raises(
        SourceError, match="dialogue 1_4, turn 0: each frame of a user's turn must have a `state`"
    ):
        list(Sgd(src).requests())
    broken.write_text(json.dumps([dialogue("1_4", user("Hi", frame("Gone_1", "Go")))]))
    with pytest.raises(SourceError, match=r"1_4/0: service 'Gone_1' must be in a schema.json"):
        list(Sgd(src).requests())


def test_the_real_set_has_a_request_for_each_user_turn(sgd_slice: Path):
    files = sorted((sgd_slice / "dev").glob("dialogues_*.json"))
    told = [dialogue for path in files for dialogue in json.loads(path.read_bytes())]
    user_turns = [turn for dialogue in told for turn in dialogue["turns"] if turn["speaker"] == "USER"]
    forms = {"actions" in turn["frames"][0] for turn in user_turns}
    assert forms == {True, False}  # both file forms are here

    source = Sgd(sgd_slice)
    dev = [row for row in source.requests() if row.split == "dev"]
    assert all(isinstance(row, Request) for row in dev)
    assert len(dev) == len(user_turns) == 24_363
    assert len({request.request_id for request in dev}) == len(dev)
    assert len({request.customer_id for request in dev}) == len(told) == 2_482

    single = [turn["frames"][0] for turn in user_turns if len(turn["frames"]) == 1]
    one_frame = Counter((frame["service"], frame["state"]["active_intent"]) for frame in single)
    ours = Counter((request.skill_id, request.intent or "NONE") for request in dev)
    assert not one_frame - ours  # every single frame is its turn's request
    assert sum((ours - one_frame).values()) == len(user_turns) - len(single) == 1_714
    assert sum(len(frame["slots"]) for frame in single) <= sum(len(request.slots) for request in dev)

    skills = {skill.skill_id: skill for skill in source.skills()}
    assert len(skills) == 34
    assert len({skill.domain for skill in skills.values()}) == 17
    for request in dev:
        intents = {intent.name: intent.slots for intent in skills[request.skill_id].intents}
        assert request.intent is None or {slot.name for slot in request.slots} <= set(intents[request.intent])
