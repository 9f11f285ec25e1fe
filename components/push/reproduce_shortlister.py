"""Holds a served Shortlister against the predictions that were recorded when it was measured."""

from typing import NamedTuple

from components.push.recorded import Recorded, Recording
from components.push.reproduction import Ask, Comparison, Reproduction, batches
from components.push.tolerance import Tolerance, close
from components.records.manifest import Calibration, Manifest
from components.records.shortlister_signature import read_reject, read_shortlist, shortlister_inputs

Shortlist = list[tuple[str, float]]


class Shortlisted(NamedTuple):
    """The skills of a prediction and their scores, best first, and the reject score where there is one.

    Scores are what the Shortlister itself answered: a skill that was put first because the request names it
    stands where its score puts it, or is left out where it has none.
    """

    skills: tuple[str, ...]
    scores: tuple[float, ...]
    reject: float | None = None


def shortlisted(recorded: Recorded) -> Shortlisted:
    """What the Shortlister said.

    Raises:
        ValueError: A score is missing that neither a name nor the turn before explains.
    """
    prediction = recorded.prediction
    unproposed = {
        recorded.named and recorded.named.skill_id,
        recorded.request.context.previous_skill,
    }
    scored = []
    for hypothesis in prediction.hypotheses:
        score = hypothesis.scores.shortlister
        if score is not None:
            scored.append((hypothesis.skill_id, score))
        elif hypothesis.skill_id not in unproposed:
            raise ValueError(f"prediction {prediction.request_id!r} lacks Shortlister scores")
    scored.sort(key=lambda pair: -pair[1])
    return Shortlisted(
        tuple(skill for skill, _ in scored), tuple(score for _, score in scored), prediction.reject
    )


def reproduce_shortlister(
    ask: Ask, recording: Recording, *, manifest: Manifest, form: str, tolerance: Tolerance
) -> Reproduction:
    """Asks again what was asked when the model was measured.

    Args:
        ask: The model's default signature on a batch.
        manifest: The model's.
        form: Of the model that is asked, in words.
    """
    compared = Comparison(form)
    for batch in batches(recording.answers):
        wanted = [shortlisted(entry) for entry in batch]
        inputs = shortlister_inputs(
            [entry.request for entry in batch],
            k=max(1, *(len(expected.skills) for expected in wanted)),
            texts=[entry.text for entry in batch],
        )
        outputs = ask(inputs)
        answers = zip(read_shortlist(outputs), read_reject(outputs), strict=True)
        for entry, expected, (shortlist, reject) in zip(batch, wanted, answers, strict=True):
            compared.add(
                entry.request.request_id,
                same_reject(expected.reject, reject, tolerance)
                and same(expected, shortlist, calibration=manifest.calibration, tolerance=tolerance),
                *(abs(score - old) for (_, score), old in zip(shortlist, expected.scores, strict=False)),
            )
    return compared.result()


def same(
    expected: Shortlisted, shortlist: Shortlist, *, calibration: Calibration, tolerance: Tolerance
) -> bool:
    """Whether a served shortlist is the recorded one: the same skills, their scores and confidences."""
    if not expected.skills:
        return True
    if len(shortlist) < len(expected.skills):
        return False
    score_of = dict(zip(expected.skills, expected.scores, strict=True))
    best = [score for _, score in shortlist[: len(expected.skills)]][:2]
    recorded_best = expected.scores[:2]
    for (skill, score), wanted, recorded in zip(shortlist, expected.skills, expected.scores, strict=False):
        if not close(score, recorded, tolerance.score):
            return False
        confidence = calibration.confidence(score, *best)
        if abs(confidence - calibration.confidence(recorded, *recorded_best)) > tolerance.confidence:
            return False
        if skill != wanted and not close(score_of.get(skill, expected.scores[-1]), recorded, tolerance.tie):
            return False
    return True


def same_reject(expected: float | None, reject: float | None, tolerance: Tolerance) -> bool:
    """Whether a reject score stands for the recorded probability that no skill can serve the request."""
    if expected is None or reject is None:
        return expected is reject
    share = Calibration().confidence
    return abs(share(reject, reject) - share(expected, expected)) <= tolerance.confidence
