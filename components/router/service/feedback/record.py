"""What feedback on a routed request says, as a record of the dataset."""

import msgspec

from components.records.errors import RecordError
from components.records.request import Request, Routing
from components.router.api.calls import FeedbackCall
from components.router.service.store import Routed


def record_of(routed: Routed, call: FeedbackCall) -> Request:
    """The routed request with its outcome.

    `handled` and `rejected` speak of the skill that the router chose, where the call names no other. A
    refused request had no skill, so that there the call must name the one that handled it. Intent and slots
    are those of the call, not those that a model read: a loop that learns its own readings learns nothing.

    Raises:
        RecordError: The call contradicts itself or breaks a rule of the dataset.
    """
    skill_id = call.skill_id
    if skill_id is None and routed.accepted and call.outcome in ("handled", "rejected"):
        skill_id = routed.chosen
    if skill_id is None and call.outcome == "handled":
        raise RecordError("missing_field", "skill_id", "must name the skill: the router refused the request")
    if call.outcome == "unknown" and skill_id is not None:
        raise RecordError("bad_value", "outcome", "unknown says nothing of a skill", skill_id)
    return msgspec.structs.replace(
        routed.request,
        skill_id=skill_id,
        intent=call.intent,
        slots=call.slots,
        outcome=call.outcome,
        routing=Routing(
            chosen=routed.chosen,
            models=routed.models,
            explored=routed.explored,
            propensity=routed.propensity,
        ),
    )
