import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from components.evaluate.judgement import judge
from components.evaluate.slices import ALL, FEATURES, Slicer, cross_name, slice_name, split_name
from components.records.catalogue import Catalogue
from components.records.label import Label, LabelledRequest
from components.records.request import Context, Request
from components.records.skill import Skill
from tests.evaluate.world import labelled, prediction

CATALOGUE = Catalogue([Skill(skill_id="a", domain="A: x"), Skill(skill_id="b", domain="B")])


def features(known, seen=None, answer=(("b", 0.5),)):
    judgement = judge(known, prediction(known.request.request_id, *answer))
    return Slicer(CATALOGUE, {"a": "head"}, seen)(known, judgement)


def test_slices_are_by_the_right_skill_whatever_was_answered():
    request = Request(
        request_id="r", utterance="u", skill_id="a", also_correct=("b",), device="tv", locale="en"
    )
    expected = {"domain": "A: x", "popularity": "head", "device": "tv", "locale": "en", "named": "no"}
    expected |= {"label": "none"}
    assert features(labelled(request)) == expected | {"predicted_domain": "B"}
    assert features(labelled(request), answer=()) == expected
    assert features(labelled(request), answer=(("gone", 0.5),)) == expected


def test_a_skill_without_train_requests_is_unseen():
    assert features(labelled(Request(request_id="r", utterance="u", skill_id="b")))["popularity"] == "unseen"


def test_an_unanswerable_request_has_no_domain():
    request = Request(request_id="r", utterance="u", outcome="out_of_scope", device="tv")
    expected = {"device": "tv", "named": "no", "label": "none", "predicted_domain": "B"}
    assert features(labelled(request)) == expected


def test_seen_in_train_compares_what_a_model_reads():
    request = Request(request_id="r", utterance="Ask A to PLAY  it")
    known = LabelledRequest(request=request, label=Label(text="PLAY  it"))
    assert features(known, {"play it"})["seen_in_train"] == "yes"
    assert features(known, {"ask a to play it"})["seen_in_train"] == "no"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("annotated.v1", "no"),
        ("annotated.named.v1", "yes"),
        ("invocation.ask.v1", "yes"),
        ("invocation.ambiguous.v1", "yes"),
        ("launch.v1", "yes"),
        ("unlabelled.v1", "no"),
    ],
)
def test_the_rule_of_the_label_tells_whether_the_skill_is_named(rule, expected):
    request = Request(request_id="r", utterance="ask a to play it")
    known = LabelledRequest(request=request, label=Label(text="play it", rule=rule))
    assert features(known)["named"] == expected


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (Context(), {}),
        (Context(turn=0), {"turn": "first"}),
        (Context(turn=1), {"turn": "first"}),
        (Context(turn=2), {"turn": "later"}),
        (Context(turn=1, previous_skill="b"), {"turn": "later"}),
        (Context(previous_skill="b", new_intent=True), {"turn": "later", "new_intent": "yes"}),
        (Context(turn=1, new_intent=False), {"turn": "first", "new_intent": "no"}),
    ],
)
def test_turns_of_a_dialogue(context, expected):
    found = features(labelled(Request(request_id="r", utterance="u", context=context)))
    assert {name: found[name] for name in ("turn", "new_intent") if name in found} == expected


@pytest.mark.parametrize(("enabled", "expected"), [((), None), (("a", "b"), "yes"), (("b",), "no")])
def test_whether_the_right_skill_is_enabled(enabled, expected):
    request = Request(request_id="r", utterance="u", skill_id="a", enabled_skills=enabled)
    assert features(labelled(request)).get("enabled") == expected


@given(st.dictionaries(st.sampled_from(sorted(FEATURES)), st.text(min_size=1), max_size=2))
@example({"domain": "R&B: 50 %26 & more", "device": "all"})
@example({"domain": "Küche 🍳"})
def test_slice_names_come_apart_again(values):
    name = cross_name(values)
    assert split_name(name) == values
    assert (name == ALL) == (not values)
    assert cross_name(dict(reversed(values.items()))) == name


def test_a_plain_slice_is_named_by_feature_and_value():
    assert slice_name("domain", "Weather: local") == "domain:Weather: local"
    assert split_name("domain:Weather: local") == {"domain": "Weather: local"}
