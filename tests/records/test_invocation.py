"""Explicit invocations, as they are said."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from components.records.invocation import InvocationIndex, strip_invocation
from components.records.skill import Skill


def skill(skill_id: str, name: str, *invocations: str) -> Skill:
    return Skill(skill_id=skill_id, domain="d", name=name, invocations=invocations)


INDEX = InvocationIndex(
    [
        skill("daily", "Daily Horoscopes", "my stars"),
        skill("day", "Daily"),
        skill("cats", "Cats", "Dr. O’Malley's Cat Facts"),
        skill("the", "The Oracle"),
        skill("timer", "Timer"),
        skill("no", "No"),
        skill("more", "Daily Horoscopes"),
        Skill(skill_id="nameless", domain="d"),
    ]
)


@pytest.mark.parametrize(
    ("utterance", "skill_ids", "command", "form"),
    [
        ("ask daily horoscopes for my sign", ("daily", "more"), "my sign", "ask"),
        ("Alexa, Ask Daily Horoscopes what's up?", ("daily", "more"), "what's up", "ask"),
        ("ask daily to wake me", ("day",), "wake me", "ask"),
        ("hey alexa please tell my stars that I am here", ("daily",), "I am here", "ask"),
        ("okay computer, open my stars", ("daily",), "", "open"),
        ("launch my stars and read it", ("daily",), "read it", "open"),
        ("ask dr o'malley's cat facts for one", ("cats",), "one", "ask"),
        ("ask the oracle about rain", ("the",), "rain", "ask"),
        ("ask the daily for news", ("day",), "news", "ask"),
        ("my stars, what is next", ("daily",), "what is next", "name"),
        ("give me a sign from my stars", ("daily",), "give me a sign", "loose"),
        ("alexa give me a sign using my stars", ("daily",), "give me a sign", "loose"),
        ("open my stars now", ("daily",), "now", "loose"),
        ("let my stars know i am late", ("daily",), "i am late", "ask"),
        ("play my stars", ("daily",), "", "open"),
        ("alexa, my stars", ("daily",), "", "open"),
        ("please talk to my stars", ("daily",), "", "open"),
        ("open the timer and stop at ten", ("timer",), "stop at ten", "open"),
    ],
)
def test_forms(utterance, skill_ids, command, form):
    assert strip_invocation(utterance, INDEX) == (skill_ids, command, form)


@pytest.mark.parametrize(
    "utterance",
    ["", "alexa", "?!", "hey", "play daily horoscopes", "play my stars tonight", "daily news please",
     "my stars", "ask someone", "ask", "open the", "please", "start the timer", "start the timer now",
     "no, that is wrong", "count down with timer", "tell me about my stars tonight", "from my stars"],
)  # fmt: skip
def test_what_is_no_invocation(utterance):
    assert strip_invocation(utterance, INDEX) is None


@given(st.text(max_size=40) | st.lists(st.sampled_from(
    ["ask", "the", "open", "my", "stars", "daily", ",", "using", "alexa", "please", "ＤＡＩＬＹ", "ß"]
)).map(" ".join))  # fmt: skip
def test_any_text_is_read_and_the_command_is_part_of_it(utterance):
    found = strip_invocation(utterance, INDEX)
    if found is not None:
        assert found.command in utterance
        assert len(found.command) < len(utterance)
        assert found.skill_ids
