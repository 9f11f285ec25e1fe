"""Hypothesis strategies for records, shared by the tests of every part."""

from datetime import UTC, datetime

from hypothesis import strategies as st

from components.records.label import Label, LabelledRequest
from components.records.prediction import Hypothesis, Prediction, Scores
from components.records.request import OUTCOMES, SPLITS, Context, OfferedSkill, Request, Slot, Usage
from components.records.skill import Intent

text = st.text(
    st.characters(exclude_categories=("Cs",), exclude_characters="\x00"), min_size=1, max_size=30
).filter(lambda s: s.strip() != "")
moments = st.datetimes(datetime(1980, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))
floats32 = st.floats(-(2.0**100), 2.0**100, width=32, allow_subnormal=False)  # TensorFlow flushes them
skill_lists = st.lists(text, max_size=5).map(tuple)
contexts = st.builds(
    Context,
    previous_skill=st.none() | text,
    previous_intent=st.none() | text,
    turn=st.none() | st.integers(0, 2**40),
    new_intent=st.none() | st.booleans(),
)


offered = st.builds(
    OfferedSkill,
    skill_id=text,
    intents=st.lists(st.builds(Intent, name=text, slots=skill_lists), max_size=2).map(tuple),
)


@st.composite
def requests(draw: st.DrawFn) -> Request:
    utterance = draw(text)
    outcome = draw(st.none() | st.sampled_from(OUTCOMES))
    skill = draw(text) if outcome == "rejected" else draw(st.none() | text)
    slots = []
    for _ in range(draw(st.integers(0, 3))):
        start = draw(st.integers(0, len(utterance) - 1))
        end = draw(st.integers(start + 1, len(utterance)))
        slots.append(Slot(name=draw(text), value=utterance[start:end], start=start, end=end))
    return Request(
        request_id=draw(text),
        utterance=utterance,
        timestamp=draw(st.none() | moments),
        locale=draw(st.none() | text),
        device=draw(st.none() | text),
        customer_id=draw(st.none() | text),
        enabled_skills=draw(skill_lists),
        recent=tuple(Usage(skill_id=s, timestamp=draw(moments)) for s in draw(skill_lists)),
        context=draw(contexts),
        skills=draw(st.lists(offered, max_size=3, unique_by=lambda skill: skill.skill_id).map(tuple)),
        skill_id=None if outcome == "out_of_scope" else skill,
        intent=draw(st.none() | text),
        slots=tuple(slots),
        also_correct=() if outcome == "out_of_scope" else draw(skill_lists),
        outcome=outcome,
        split=draw(st.none() | st.sampled_from(SPLITS)),
    )


@st.composite
def labelled_requests(draw: st.DrawFn) -> LabelledRequest:
    positive, negative = draw(st.sampled_from([(None, None), ("a", None), (None, "b")]))
    source = "annotated" if positive else "feedback" if negative else "none"
    label = Label(text=draw(text), skill_id=positive, negative_skill=negative, source=source, rule=draw(text))
    return LabelledRequest(request=draw(requests()), label=label)


found_slots = st.builds(Slot, name=text, value=text, start=st.integers(0, 9), end=st.integers(10, 99))


@st.composite
def predictions(draw: st.DrawFn, request_id: str) -> Prediction:
    hypotheses = [
        Hypothesis(
            skill_id=draw(text),
            domain=draw(text),
            confidence=draw(st.floats(0, 1, width=32, allow_subnormal=False)),
            intent=draw(st.none() | text),
            slots=tuple(draw(st.lists(found_slots, max_size=3))),
            scores=Scores(**{name: draw(st.none() | floats32) for name in Scores.__struct_fields__}),
        )
        for _ in range(draw(st.integers(0, 4)))
    ]
    return Prediction(
        request_id=request_id,
        accepted=draw(st.booleans()),
        hypotheses=tuple(hypotheses),
        reject=draw(st.none() | floats32),
        none=draw(st.none() | st.floats(0, 1, width=32, allow_subnormal=False)),
    )
