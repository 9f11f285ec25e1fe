"""Compares hypotheses with the truth of their request."""

from collections.abc import Collection

import msgspec

from components.records.hypothesis_list import HypothesisList, Judgement, ReadCandidate
from components.records.request import Request
from components.records.semantic_errors import Frame, semantic_errors, slot_values


def reference_frame(request: Request, domain: str) -> Frame | None:
    """What the request means; None where nobody knows: it is unlabelled, out of scope or its skill failed.

    Args:
        domain: Of the request's skill.
    """
    if request.skill_id is None or request.outcome == "rejected":
        return None
    return Frame(
        skill_id=request.skill_id, domain=domain, intent=request.intent, slots=slot_values(request.slots)
    )


def judged(hypotheses: HypothesisList, reference: Frame | None) -> HypothesisList:
    """The list with a judgement for each hypothesis of which something is known.

    Args:
        hypotheses: Its pseudo-labels count as right.
        reference: As `reference_frame` gives it.
    """
    return msgspec.structs.replace(
        hypotheses,
        hypotheses=tuple(
            msgspec.structs.replace(
                hypothesis,
                judgement=judgement(
                    hypothesis, hypotheses.request, reference, pseudo_labels=hypotheses.pseudo_labels
                ),
            )
            for hypothesis in hypotheses.hypotheses
        ),
    )


def judgement(
    hypothesis: ReadCandidate,
    request: Request,
    reference: Frame | None,
    *,
    pseudo_labels: Collection[str] = (),
) -> Judgement | None:
    """What is known of a hypothesis.

    A pseudo-labelled skill is judged for `right` as if the reference were its own: intent and slots must have
    the same names and values, in the same domain.
    """
    skill_id = hypothesis.skill_id
    others = {*request.also_correct, *pseudo_labels} - {request.skill_id}
    if request.outcome == "rejected" and skill_id == request.skill_id:
        return Judgement(skill_right=False, right=False)
    if skill_id in others:
        right = False
        if reference is not None and skill_id in pseudo_labels:
            own = msgspec.structs.replace(reference, skill_id=skill_id)
            right = semantic_errors(own, hypothesis.frame).total == 0
        return Judgement(skill_right=True, right=right)
    if reference is not None:
        errors = semantic_errors(reference, hypothesis.frame).total
        return Judgement(skill_right=skill_id == reference.skill_id, right=errors == 0, errors=errors)
    if request.outcome == "out_of_scope" or request.also_correct:
        return Judgement(skill_right=False, right=False)
    return None
