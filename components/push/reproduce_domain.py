"""Holds a served domain model, with its re-ranker, against the predictions recorded when it was measured."""

from collections.abc import Mapping, Sequence

import msgspec

from components.push.recorded import Recorded, Recording
from components.push.reproduction import Ask, Comparison, Reproduction, batches
from components.push.tolerance import Tolerance, close
from components.records.domain_hypotheses import DomainAnswer, Proposed, domain_hypotheses
from components.records.domain_signature import domain_inputs, read_readings
from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.manifest import Manifest
from components.records.prediction import Hypothesis, Scores
from components.records.reranker import Reranker, rerank

_READING = ("domain", "intent", "slots")
"""The scores of a reading."""


def reproduce_domain(
    ask: Ask, recording: Recording, *, manifest: Manifest, form: str, tolerance: Tolerance
) -> Reproduction:
    """Asks again for every recorded skill of the domain. Arguments as those of `reproduce_shortlister`."""
    domains = frozenset(manifest.domains)
    rerankers = dict.fromkeys(domains, manifest.reranker) if manifest.reranker else {}
    compared = Comparison(form)
    for batch in batches([entry for entry in recording.answers if _own(entry, domains)]):
        own = [_own(entry, domains) for entry in batch]
        skills = [[hypothesis.skill_id for hypothesis in hypotheses] for hypotheses in own]
        answers = read_readings(ask(domain_inputs([entry.text for entry in batch], skills)))
        for entry, hypotheses, asked, answer in zip(batch, own, skills, answers, strict=True):
            readings = _readings(entry, hypotheses, DomainAnswer.of(answer, asked))
            compared.add(
                entry.request.request_id,
                same(entry, hypotheses, readings, rerankers=rerankers, tolerance=tolerance),
                *(_difference(hypothesis, readings) for hypothesis in hypotheses),
            )
    return compared.result()


def _own(recorded: Recorded, domains: frozenset[str]) -> tuple[Hypothesis, ...]:
    return tuple(h for h in recorded.prediction.hypotheses if h.domain in domains)


def _readings(recorded: Recorded, own: Sequence[Hypothesis], answer: DomainAnswer) -> list[ReadCandidate]:
    """Every reading of these skills; of each skill the best is recorded."""
    offset = recorded.request.utterance.rfind(recorded.text)
    return [
        reading
        for hypothesis in own
        for reading in domain_hypotheses(
            Proposed(hypothesis.skill_id, hypothesis.domain, hypothesis.scores.shortlister),
            answer,
            offset=offset,
        )
    ]


def same(
    recorded: Recorded,
    own: Sequence[Hypothesis],
    readings: Sequence[ReadCandidate],
    *,
    rerankers: Mapping[str, Reranker],
    tolerance: Tolerance,
) -> bool:
    """Whether each recorded reading is among those answered, with its scores, the re-ranker's too.

    The re-ranker is given the recorded scores: near a probability of 1 its log-odds tell apart what two forms
    of a model round differently.
    """
    given = [_as_recorded(reading, own, tolerance) for reading in readings]
    ranked = rerank(HypothesisList(request=recorded.request, hypotheses=tuple(given)), rerankers).hypotheses
    return all(
        any(
            _same_reading(reading, hypothesis, tolerance)
            and _close(reading.scores.reranker, hypothesis.scores.reranker, tolerance)
            for reading in ranked
        )
        for hypothesis in own
    )


def _as_recorded(reading: ReadCandidate, own: Sequence[Hypothesis], tolerance: Tolerance) -> ReadCandidate:
    for hypothesis in own:
        if _same_reading(reading, hypothesis, tolerance):
            scores = msgspec.structs.replace(hypothesis.scores, reranker=None, hyprank=None)
            return msgspec.structs.replace(reading, scores=scores)
    return reading


def _same_reading(reading: ReadCandidate, hypothesis: Hypothesis, tolerance: Tolerance) -> bool:
    return _says(reading) == _says(hypothesis) and all(
        _close(getattr(reading.scores, name), getattr(hypothesis.scores, name), tolerance)
        for name in _READING
    )


def _says(reading: ReadCandidate | Hypothesis) -> tuple[object, ...]:
    return reading.skill_id, reading.intent, reading.slots


def _close(score: float | None, expected: float | None, tolerance: Tolerance) -> bool:
    if score is None or expected is None:
        return score is expected
    return close(score, expected, tolerance.score)


def _difference(hypothesis: Hypothesis, readings: Sequence[ReadCandidate]) -> float:
    """The largest of a score, of the reading that says the same and comes closest."""
    alike = (reading.scores for reading in readings if _says(reading) == _says(hypothesis))
    return min((_apart(scores, hypothesis.scores) for scores in alike), default=0.0)


def _apart(scores: Scores, expected: Scores) -> float:
    pairs = ((getattr(scores, name), getattr(expected, name)) for name in _READING)
    return max((abs(a - b) for a, b in pairs if a is not None and b is not None), default=0.0)
