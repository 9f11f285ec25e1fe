import numpy as np
import pytest

from components.domain.corpus import NO_CLASS, domain_corpus
from components.domain.tags import UNKNOWN
from components.records.domain_schema import domain_schema
from components.records.encoding.fold import fold_table
from components.records.encoding.settings import EncoderSettings
from components.records.label import Label, LabelledRequest
from components.records.request import Request, Routing, Slot
from tests.domain.world import SKILLS
from tests.records.encoding.numpy_encoder import NumpyTextEncoder

SETTINGS = EncoderSettings(word_buckets=64, gram_buckets=128, max_words=5)
SCHEMA = domain_schema("Travel & Co", SKILLS, no_intent=False)


def labelled(text, utterance=None, skill="hotel_1", own="hotel_1", **fields):
    utterance = utterance or text
    request = Request(request_id="r", utterance=utterance, skill_id=own, **fields)
    source = "annotated" if own else "invocation"
    return LabelledRequest(request=request, label=Label(text=text, skill_id=skill, source=source, rule="r"))


def corpus(*rows):
    return domain_corpus(rows, SCHEMA, SETTINGS)


def test_a_request_weighs_by_the_choice_that_its_label_speaks_of():
    half, whole = (Routing(chosen="hotel_1", propensity=propensity) for propensity in (0.5, 1.0))
    found = corpus(
        labelled("room", routing=half),
        labelled("fly", routing=whole),
        labelled("play jazz", skill="radio", own="radio", routing=half),
        labelled("room"),
    )
    assert found.weight.tolist() == pytest.approx([4 / 3, 2 / 3, 1.0, 1.0])


def test_own_foreign_and_unannotated():
    city = Slot(name="city", value="Rome", start=8, end=12)
    found = corpus(
        labelled("room in Rome", intent="Find", slots=(city,)),
        labelled("play jazz", skill="radio", own="radio"),
        labelled("room", own=None),
        labelled("fly", intent="Fly"),
    )
    assert found.own.tolist() == [True, False, True, True]
    assert found.skill.tolist() == [0, NO_CLASS, 0, 0]
    assert found.intent.tolist() == [SCHEMA.intents.index("Find"), NO_CLASS, NO_CLASS, NO_CLASS]
    assert found.tags[0].tolist() == [0, 0, 1 + SCHEMA.slots.index("city"), UNKNOWN, UNKNOWN]
    assert (found.tags[1:3] == UNKNOWN).all()
    assert found.all_slots == ("city",)
    assert found.all_tags[:, :3].tolist() == [
        [0, 0, 1],
        [0, 0, UNKNOWN],
        [UNKNOWN] * 3,
        [0, UNKNOWN, UNKNOWN],
    ]
    assert found.lengths.tolist() == [3, 2, 1, 1]
    assert found.spans[0, :3].tolist() == [[0, 4], [5, 7], [8, 12]]


def test_slots_of_the_command_alone():
    utterance = "ask the inn to get a room Rome"
    start = utterance.index("Rome")
    city = Slot(name="city", value="Rome", start=start, end=start + 4)
    found = corpus(labelled("get a room Rome", utterance, intent="Find", slots=(city,)))
    assert found.tags[0].tolist()[:4] == [0, 0, 0, 1 + SCHEMA.slots.index("city")]


def test_inputs_are_what_the_encoder_of_serving_reads():
    texts = ["a room in São Paulo", "room room", "", "one two three four five six"]
    found = corpus(*(labelled(text or "-", intent="Find") for text in texts))
    inputs = found.inputs(np.arange(4))
    encoded = NumpyTextEncoder(SETTINGS, fold_table())([(text or "-").encode() for text in texts])
    assert inputs["spelling"].shape == encoded["spelling"].shape
    for row, place in np.argwhere(encoded["spelling"] > 0):
        ours, theirs = inputs["spelling"][row, place], encoded["spelling"][row, place]
        width = inputs["chars"].shape[1]
        np.testing.assert_array_equal(inputs["chars"][ours], encoded["chars"][theirs, :width])
        assert not encoded["chars"][theirs, width:].any()
        np.testing.assert_array_equal(
            inputs["grams"][inputs["gram_rows"] == ours], encoded["grams"][encoded["gram_rows"] == theirs]
        )
    np.testing.assert_array_equal(inputs["spelling"] > 0, encoded["spelling"] > 0)
    assert not inputs["chars"][0].any()
    assert (inputs["gram_rows"] > 0).all()
