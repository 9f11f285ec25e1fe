"""Which answers can be compared with a frame, and how far they are from it.

Frames are compared only where the requests of a skill are annotated with intents or slots and the system
reads any. A skill whose requests bear neither is not measured by what nobody wrote down.
"""

from collections.abc import Mapping

from components.evaluate.judgement import Judgement
from components.records.judge import reference_frame
from components.records.prediction import Hypothesis, Prediction
from components.records.request import Request
from components.records.semantic_errors import Frame, slot_values
from components.records.semantic_rates import frame_errors


class FramedSkills:
    """Finds the skills of which some request is annotated with an intent or a slot; none where no prediction
    carries a reading, as with a Shortlister alone."""

    def __init__(self) -> None:
        self._annotated: set[str] = set()
        self._read = False

    def see(self, request: Request, prediction: Prediction) -> None:
        if request.skill_id is not None and (request.intent is not None or request.slots):
            self._annotated.add(request.skill_id)
        self._read = self._read or any(_was_read(hypothesis) for hypothesis in prediction.hypotheses)

    @property
    def found(self) -> frozenset[str]:
        """Of the requests seen so far."""
        return frozenset(self._annotated) if self._read else frozenset()


class FrameJudge:
    """Adds to a judgement how the best hypothesis compares with the request's frame.

    A refused request has no reading: an intent error and a deletion for each slot. One that was routed to a
    skill of `also_correct` is left out of the errors and counted.

    Args:
        domain_of: Domain by skill id. Requests of other skills have no frame.
    """

    def __init__(self, domain_of: Mapping[str, str]) -> None:
        self._domain_of = dict(domain_of)

    def __call__(self, judgement: Judgement, request: Request, prediction: Prediction) -> Judgement:
        domain = self._domain_of.get(request.skill_id or "")
        reference = None if domain is None else reference_frame(request, domain)
        if reference is None:
            return judgement
        best = prediction.best if prediction.accepted else None
        if best is not None and best.skill_id != request.skill_id and best.skill_id in request.also_correct:
            return judgement._replace(without_frame=True)
        reading = None if best is None else _frame(best)
        return judgement._replace(frame=frame_errors(reference, reading))


def _frame(hypothesis: Hypothesis) -> Frame:
    return Frame(
        skill_id=hypothesis.skill_id,
        domain=hypothesis.domain,
        intent=hypothesis.intent,
        slots=slot_values(hypothesis.slots),
    )


def _was_read(hypothesis: Hypothesis) -> bool:
    return hypothesis.intent is not None or bool(hypothesis.slots) or hypothesis.scores.domain is not None
