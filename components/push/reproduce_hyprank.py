"""Holds a served HypRank against the predictions that were recorded when it was measured."""

import msgspec

from components.push.recorded import Recorded, Recording
from components.push.reproduction import Ask, Comparison, Reproduction, batches
from components.push.tolerance import Tolerance, close
from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.hyprank.rank import Ranked, hyprank
from components.records.manifest import Manifest
from components.records.prediction import Hypothesis
from components.records.reranker import rerank


def reproduce_hyprank(
    ask: Ask, recording: Recording, *, manifest: Manifest, form: str, tolerance: Tolerance
) -> Reproduction:
    """Ranks the recorded hypotheses again. Arguments as those of `reproduce_shortlister`."""
    domains = dict(zip(manifest.skill_ids, manifest.domains, strict=True))
    compared = Comparison(form)
    for batch in batches(recording.answers):
        lists = [ranked_list(entry) for entry in batch]
        for entry, ranked in zip(batch, hyprank(lists, ask, domains), strict=True):
            most = recording.shortlister.named_confidence if entry.named else None
            compared.add(
                entry.request.request_id,
                same(entry, ranked, most=most, tolerance=tolerance),
                *_differences(entry, ranked),
            )
    return compared.result()


def ranked_list(recorded: Recorded) -> HypothesisList:
    """The list that HypRank was given: the recorded hypotheses, the likeliest by their re-rankers first."""
    listed = HypothesisList(
        request=recorded.request,
        hypotheses=tuple(
            ReadCandidate(
                skill_id=hypothesis.skill_id,
                domain=hypothesis.domain,
                intent=hypothesis.intent,
                slots=hypothesis.slots,
                scores=msgspec.structs.replace(hypothesis.scores, hyprank=None),
            )
            for hypothesis in recorded.prediction.hypotheses
        ),
        reject=recorded.prediction.reject,
    )
    return rerank(listed, {})  # the scores that they have stay


def same(recorded: Recorded, ranked: Ranked, *, most: float | None, tolerance: Tolerance) -> bool:
    """Whether an answer is the recorded one: each skill's score and confidence, and that of none.

    Args:
        most: What the others' confidence is cut at where the request names a skill, whose own is this.
    """
    prediction = recorded.prediction
    if prediction.none is None or not close(ranked.none, prediction.none, tolerance.score):
        return False
    found = {hypothesis.skill_id: hypothesis for hypothesis in ranked.hypotheses}
    return all(
        _same(found[hypothesis.skill_id], hypothesis, recorded, most, tolerance)
        for hypothesis in prediction.hypotheses
    )


def _same(
    found: Hypothesis, expected: Hypothesis, recorded: Recorded, most: float | None, tolerance: Tolerance
) -> bool:
    score, recorded_score = found.scores.hyprank, expected.scores.hyprank
    if score is None or recorded_score is None or not close(score, recorded_score, tolerance.score):
        return False
    confidence = found.confidence
    if recorded.named is not None and most is not None:
        confidence = most if recorded.named.skill_id == found.skill_id else min(confidence, most)
    return close(confidence, expected.confidence, tolerance.score)


def _differences(recorded: Recorded, ranked: Ranked) -> list[float]:
    scores = {h.skill_id: h.scores.hyprank for h in recorded.prediction.hypotheses}
    pairs = ((h.scores.hyprank, scores[h.skill_id]) for h in ranked.hypotheses)
    return [abs(score - old) for score, old in pairs if score is not None and old is not None]
