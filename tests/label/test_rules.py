"""What each request teaches."""

import pytest

from components.label.options import LabelOptions
from components.label.rules import label_of
from components.records.invocation import InvocationIndex
from components.records.label import Label
from components.records.skill import Skill
from components.records.text import tokens

SKILLS = (
    Skill(skill_id="cab", domain="d", name="Metro Cab", invocations=("metro cab", "city cab")),
    Skill(skill_id="quiz", domain="d", name="Star Quiz"),
    Skill(skill_id="quiz2", domain="d", name="star quiz"),
)
INDEX = InvocationIndex(SKILLS)


def label(
    utterance: str, skill_id: str | None = None, outcome: str | None = None, **options: object
) -> Label:
    return label_of(
        utterance, skill_id, outcome, INDEX, LabelOptions(**options), lambda c: c == "a rare thing"
    )


@pytest.mark.parametrize(
    ("utterance", "skill_id", "outcome", "expected"),
    [
        ("call me a cab", "cab", None, ("call me a cab", "cab", None, "annotated", "annotated.v1")),
        ("alexa ask metro cab to call me a cab", "cab", "handled",
         ("call me a cab", "cab", None, "annotated", "annotated.named.v1")),
        ("ask metro cab to call", "quiz", None,
         ("ask metro cab to call", "quiz", None, "annotated", "annotated.v1")),
        ("open metro cab", "cab", None, ("open metro cab", None, None, "none", "launch.v1")),
        ("call me a cab with city cab", "cab", None,
         ("call me a cab", "cab", None, "annotated", "annotated.named.v1")),
        ("what a day", None, "out_of_scope", ("what a day", None, None, "none", "out_of_scope.v1")),
        ("call me a cab", "cab", "rejected", ("call me a cab", None, "cab", "feedback", "rejected.v1")),
        ("ask metro cab to sing a song", "cab", "rejected",
         ("sing a song", None, "cab", "feedback", "rejected.v1")),
        ("open metro cab", "cab", "rejected", ("open metro cab", None, "cab", "feedback", "rejected.v1")),
        ("call me a cab", None, None, ("call me a cab", None, None, "none", "unlabelled.v1")),
        ("Alexa, ask City Cab to call me a cab!", None, None,
         ("call me a cab", "cab", None, "invocation", "invocation.ask.v1")),
        ("open metro cab and call me a cab", None, "unknown",
         ("call me a cab", "cab", None, "invocation", "invocation.open.v1")),
        ("metro cab, call me a cab", None, None,
         ("call me a cab", "cab", None, "invocation", "invocation.name.v1")),
        ("ask metro cab for boston", None, None, ("boston", None, None, "none", "invocation.short.v1")),
        ("ask metro cab for a rare thing", None, None,
         ("a rare thing", None, None, "none", "invocation.rare.v1")),
        ("ask star quiz to play a round", None, None,
         ("play a round", None, None, "none", "invocation.ambiguous.v1")),
        ("ask star quiz to play a round", "quiz2", None,
         ("play a round", "quiz2", None, "annotated", "annotated.named.v1")),
        ("call me a cab using metro cab", None, None,
         ("call me a cab", None, None, "none", "invocation.loose.refused.v1")),
    ],
)  # fmt: skip
def test_label(utterance, skill_id, outcome, expected):
    found = label(utterance, skill_id, outcome)
    assert (found.text, found.skill_id, found.negative_skill, found.source, found.rule) == expected


def test_filters_are_options():
    assert label("ask metro cab for boston", min_tokens=1).skill_id == "cab"
    assert label("call me a cab using metro cab", loose_forms=True).rule == "invocation.loose.v1"
    with pytest.raises(ValueError, match="`min_tokens` must be positive"):
        LabelOptions(min_tokens=0)


def test_no_name_is_left_to_read_the_label_from():
    """Pitfall 4: in a log where every request names its skill, no token of the name survives."""
    commands = ["call me a taxi now", "find the fare home", "where is my driver"]
    carriers = ["ask {n} to {c}", "alexa, ask {n} {c}", "tell {n} to {c}", "open {n} and {c}", "{n}, {c}",
                "{c} using {n}", "hey alexa please ask the {n} about {c}"]  # fmt: skip
    for carrier in carriers:
        for command in commands:
            found = label(carrier.format(n="Metro Cab", c=command), skill_id="cab")
            assert found.text == command
            assert not {"metro", "cab", "alexa", "ask"} & set(tokens(found.text))
