"""Random judgements: ties in confidence, one class or many, several right answers, every kind of request."""

from hypothesis import strategies as st

from components.evaluate.judgement import ANSWERABLE, NO_SINGLE_SKILL, OUT_OF_SCOPE, UNLABELLED, Judgement
from components.records.semantic_rates import FrameErrors

CONFIDENCES = st.sampled_from([0.0, 0.2, 1 / 3, 0.4, 0.5, 2 / 3, 0.999999, 1.0]) | st.floats(0.0, 1.0)
CLASSES = "abcde"


FRAMES = st.builds(
    FrameErrors,
    errors=st.integers(0, 5),
    size=st.integers(1, 4),
    mirrored=st.integers(0, 5),
    mirrored_size=st.integers(1, 4),
    intent_missed=st.booleans(),
    domain_missed=st.booleans(),
)


@st.composite
def answerable(draw) -> Judgement:
    truth = draw(st.sampled_from(CLASSES))
    rank = draw(st.sampled_from([0, 1, 1, 1, 2, 3, 5, 7]))
    wrong = st.sampled_from([*(c for c in CLASSES if c != truth), *([""] if rank == 0 else [])])
    single = draw(st.sampled_from([NO_SINGLE_SKILL, rank, rank, rank, 0, 9]))
    return Judgement(
        ANSWERABLE,
        rank=rank,
        skill_rank=single if single in (NO_SINGLE_SKILL, 0) or single >= rank else 0,
        truth=truth,
        predicted=truth if rank == 1 else draw(wrong),
        confidence=draw(CONFIDENCES),
        accepted=draw(st.booleans()),
        popular=draw(st.booleans()),
        frame=draw(st.none() | FRAMES),
        without_frame=draw(st.booleans()),
    )


def unanswerable(kind: int, confidence: float, accepted: bool) -> Judgement:
    return Judgement(kind, confidence=confidence, accepted=accepted)


others = st.builds(
    unanswerable,
    kind=st.sampled_from([UNLABELLED, OUT_OF_SCOPE]),
    confidence=CONFIDENCES,
    accepted=st.booleans(),
)
judgements = st.lists(answerable() | others, max_size=47)
"""A slice, possibly empty."""
