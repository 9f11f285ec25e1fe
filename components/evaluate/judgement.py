"""One request's prediction held against what is known to be right."""

from collections.abc import Collection, Sequence
from typing import NamedTuple

from components.records.label import LabelledRequest
from components.records.prediction import Prediction
from components.records.semantic_rates import FrameErrors

UNLABELLED, ANSWERABLE, OUT_OF_SCOPE = 0, 1, 2
NO_SINGLE_SKILL = -1


class Judgement(NamedTuple):
    """What the metrics need to know of one request.

    Attributes:
        kind: `ANSWERABLE` counts for accuracy, F1 and calibration; `OUT_OF_SCOPE` for refusal alone;
            `UNLABELLED` for nothing but the number of requests.
        rank: Place of the best-placed right skill, from 1; 0 where no right skill was proposed.
        skill_rank: Place of `skill_id`; 0 where it was not proposed; `NO_SINGLE_SKILL` where `skill_id` is
            no right answer (outcome `rejected`), so that the request is in no figure on `skill_id` alone.
        truth: The class for F1: the answer if it is right, else `skill_id`, else the first of
            `also_correct` by name.
        predicted: The skill of the best hypothesis; empty where there is none.
        confidence: The best hypothesis' confidence; 0 where there is none.
        accepted: False for a refusal. Accuracy is of the best hypothesis, accepted or not.
        popular: Whether the most popular enabled skill would have been right.
        frame: Errors of the best hypothesis against the request's frame; None where there is nothing to
            compare (see `frames`).
        without_frame: Whether the request has a frame and was answered with another right skill, whose own
            frame nobody wrote down.
    """

    kind: int
    rank: int = 0
    skill_rank: int = NO_SINGLE_SKILL
    truth: str = ""
    predicted: str = ""
    confidence: float = 0.0
    accepted: bool = True
    popular: bool = False
    frame: FrameErrors | None = None
    without_frame: bool = False

    @property
    def right(self) -> bool:
        return self.rank == 1


def judge(labelled: LabelledRequest, prediction: Prediction, popular: str | None = None) -> Judgement:
    """Applies the rules of what a label means.

    A request with `skill_id` counts against `skill_id` and `also_correct`; a `rejected` one only where
    `also_correct` is given, and then never in favour of the skill that failed; without `skill_id`,
    `out_of_scope` counts for refusal and anything else is unlabelled.

    Args:
        labelled: The request and its label.
        prediction: What the system answered.
        popular: What the popularity baseline answers.

    Raises:
        ValueError: The prediction is for another request, or a confidence is not in [0, 1].
    """
    request = labelled.request
    if prediction.request_id != request.request_id:
        raise ValueError(
            "`prediction` must be for the request. "
            f"Received: {prediction.request_id!r} for {request.request_id!r}"
        )
    best = prediction.best
    confidence = 0.0 if best is None else best.confidence
    if not 0.0 <= confidence <= 1.0:
        raise ValueError(f"`confidence` must be in [0, 1]. Received: {confidence} for {request.request_id!r}")
    predicted = "" if best is None else best.skill_id
    if request.outcome == "out_of_scope":
        kind, right = OUT_OF_SCOPE, frozenset[str]()
    else:
        right = frozenset() if request.skill_id is None else request.correct_skills
        if request.outcome == "rejected":
            right -= {request.skill_id or ""}
        kind = ANSWERABLE if right else UNLABELLED
    if kind != ANSWERABLE:
        return Judgement(kind, predicted=predicted, confidence=confidence, accepted=prediction.accepted)
    proposed = [hypothesis.skill_id for hypothesis in prediction.hypotheses]
    single = request.skill_id if request.skill_id in right else None
    return Judgement(
        kind,
        rank=_rank(right, proposed),
        skill_rank=NO_SINGLE_SKILL if single is None else _rank((single,), proposed),
        truth=predicted if predicted in right else single or min(right),
        predicted=predicted,
        confidence=confidence,
        accepted=prediction.accepted,
        popular=popular in right,
    )


def _rank(right: Collection[str], proposed: Sequence[str]) -> int:
    """Place of the first proposed skill that is right, from 1; 0 where none is.

    >>> _rank({"b", "c"}, ["a", "c", "b"])
    2
    """
    return next((place for place, skill_id in enumerate(proposed, start=1) if skill_id in right), 0)
