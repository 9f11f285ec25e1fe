"""Which answers are compared with frames, and the rates against those of whole lists of frames."""

import random

import pytest

from components.evaluate.frames import FramedSkills, FrameJudge
from components.evaluate.judgement import judge
from components.records.prediction import Hypothesis, Prediction, Scores
from components.records.request import Request, Slot
from components.records.semantic_errors import Frame, semantic_errors
from components.records.semantic_rates import error_rates
from tests.evaluate.measured import metrics_of
from tests.evaluate.world import labelled

DOMAINS = {"music": "Music", "radio": "Music", "books": "Books", "oven": "Kitchen"}
FRAMED = {skill: domain for skill, domain in DOMAINS.items() if skill != "oven"}
WORDS = "play moana loud now"


def slot(name, value):
    start = WORDS.index(value)
    return Slot(name=name, value=value, start=start, end=start + len(value))


def answer(request, skill_id, intent=None, slots=(), accepted=True):
    best = Hypothesis(
        skill_id=skill_id,
        domain=DOMAINS[skill_id],
        intent=intent,
        slots=tuple(slots),
        confidence=0.5,
        scores=Scores(domain=0.1),
    )
    return Prediction(request_id=request.request_id, accepted=accepted, hypotheses=(best,))


def request(number=0, **fields):
    return Request(request_id=str(number), utterance=WORDS, **fields)


def framed(asked, prediction):
    return FrameJudge(FRAMED)(judge(labelled(asked), prediction), asked, prediction)


def framed_skills(pairs):
    skills = FramedSkills()
    for known, prediction in pairs:
        skills.see(known.request, prediction)
    return skills.found


def test_errors_are_those_of_the_best_hypothesis():
    asked = request(skill_id="music", intent="Play", slots=(slot("title", "moana"), slot("how", "loud")))
    one = framed(asked, answer(asked, "music", "Play", [slot("title", "moana")]))
    assert (one.frame.errors, one.frame.size, one.frame.mirrored, one.frame.mirrored_size) == (1, 3, 1, 2)
    assert (one.frame.intent_missed, one.frame.domain_missed, one.without_frame) == (False, False, False)
    other = framed(asked, answer(asked, "books", "Play", asked.slots))
    assert (other.frame.errors, other.frame.intent_missed, other.frame.domain_missed) == (1, True, True)


def test_a_refused_request_and_one_without_hypotheses_are_read_as_nothing():
    asked = request(skill_id="music", intent="Play", slots=(slot("title", "moana"),))
    refused = answer(asked, "music", "Play", asked.slots, accepted=False)
    empty = Prediction(request_id=asked.request_id, accepted=True, hypotheses=())
    for prediction in (refused, empty):
        found = framed(asked, prediction).frame
        assert (found.errors, found.size, found.intent_missed, found.domain_missed) == (2, 2, True, True)


def test_another_right_skill_has_no_frame_and_is_counted():
    asked = request(skill_id="music", intent="Play", also_correct=("radio",))
    found = framed(asked, answer(asked, "radio", "Listen"))
    assert (found.frame, found.without_frame) == (None, True)
    assert metrics_of([found])["without_frame"] == 1
    assert "semer" not in metrics_of([found])
    refused = framed(asked, answer(asked, "radio", "Listen", accepted=False))
    assert (refused.frame.errors, refused.without_frame) == (1, False)


@pytest.mark.parametrize(
    "fields",
    [
        {"skill_id": "oven", "intent": "Heat"},
        {"skill_id": "music", "outcome": "rejected", "also_correct": ("radio",)},
        {"outcome": "out_of_scope"},
        {},
    ],
)
def test_a_request_whose_frame_nobody_knows_is_compared_with_nothing(fields):
    asked = request(**fields)
    found = framed(asked, answer(asked, "music", "Play"))
    assert (found.frame, found.without_frame) == (None, False)
    assert not {"framed", "semer"} & metrics_of([found]).keys()


def test_frames_are_looked_for_where_there_are_any_on_both_sides():
    music, oven = request(1, skill_id="music", intent="Play"), request(2, skill_id="oven")
    radio = request(3, skill_id="radio", slots=(slot("title", "moana"),))
    asked = [music, oven, radio]
    read = [(labelled(each), answer(each, "music")) for each in asked]
    assert framed_skills(read) == {"music", "radio"}
    alone = Hypothesis(skill_id="music", domain="Music", confidence=0.5, scores=Scores(shortlister=1.0))
    unread = [
        (labelled(each), Prediction(request_id=each.request_id, accepted=True, hypotheses=(alone,)))
        for each in asked
    ]
    assert framed_skills(unread) == frozenset()
    assert framed_skills([read[1]]) == frozenset()


def test_rates_equal_those_of_the_whole_list_of_frames():
    rng = random.Random(3)
    pool = [slot("title", "moana"), slot("how", "loud"), slot("when", "now"), slot("title", "now")]
    judgements, pairs, left_out = [], [], 0
    for number in range(300):
        truth, guess = (rng.choice(list(FRAMED)) for _ in range(2))
        asked = request(
            number,
            skill_id=truth,
            intent=rng.choice(["Play", "Stop", None]),
            slots=tuple(rng.sample(pool, rng.randrange(4))),
            also_correct=tuple(s for s in FRAMED if s != truth and rng.random() < 0.2),
        )
        accepted = rng.random() < 0.9
        intent = asked.intent if rng.random() < 0.7 else "Play"
        prediction = answer(asked, guess, intent, rng.sample(pool, rng.randrange(4)), accepted)
        judgements.append(framed(asked, prediction))
        if accepted and guess in asked.also_correct:
            left_out += 1
            continue
        best = prediction.hypotheses[0]
        frames = [
            Frame(
                skill_id=skill,
                domain=DOMAINS[skill],
                intent=intent,
                slots=tuple((s.name, s.value) for s in slots),
            )
            for skill, intent, slots in ((truth, asked.intent, asked.slots), (guess, intent, best.slots))
        ]
        pairs.append((frames[0], frames[1] if accepted else None))
    rates = error_rates(pairs, without_frame=left_out)
    found = metrics_of(judgements)
    assert (found["framed"], found["without_frame"]) == (len(pairs), left_out)
    for name in ("semer", "f_semer", "irer", "icer", "dcer"):
        assert found[name] == pytest.approx(getattr(rates, name), abs=1e-12)
    per_request = sum(semantic_errors(*pair).semer for pair in pairs) / len(pairs)
    assert found["semer_per_request"] == pytest.approx(per_request, abs=1e-12)
