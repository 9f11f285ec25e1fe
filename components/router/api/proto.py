"""Calls and answers as the messages of `router.proto`, and back."""

from datetime import datetime
from typing import Any

import msgspec

from components.records.errors import RecordError
from components.records.examples import micros, moment
from components.records.prediction import Hypothesis, Scores
from components.records.request import Context, OfferedSkill, Slot, Usage
from components.records.skill import Intent
from components.router.api import router_pb2 as pb
from components.router.api.answers import RouteAnswer, RouteResult
from components.router.api.calls import TOP, FeedbackCall, RouteCall
from components.router.explain import Explanation, ModelVersion

_SINGLES = ("locale", "device", "customer_id")
_CONTEXT = ("previous_skill", "previous_intent", "turn")
_SCORES = Scores.__struct_fields__


def read_call(message: pb.RouteRequest) -> RouteCall:
    """The call in a message. Raises `RecordError` for a time that no clock shows."""
    return RouteCall(
        utterance=message.utterance,
        request_id=message.request_id or None,
        timestamp=_time("timestamp_micros", message.timestamp_micros)
        if message.HasField("timestamp_micros")
        else None,
        **_given(message, _SINGLES),
        enabled_skills=tuple(message.enabled_skills.skill_ids)
        if message.HasField("enabled_skills")
        else None,
        recent=tuple(
            Usage(skill_id=use.skill_id, timestamp=_time("recent.timestamp_micros", use.timestamp_micros))
            for use in message.recent.uses
        )
        if message.HasField("recent")
        else None,
        context=Context(**_given(message.context, _CONTEXT)),
        skills=tuple(_offered(each) for each in message.skills),
        top=message.top or TOP,
        explain=message.explain,
    )


def write_call(call: RouteCall) -> pb.RouteRequest:
    """The inverse of `read_call`."""
    message = pb.RouteRequest(
        utterance=call.utterance, request_id=call.request_id or "", top=call.top, explain=call.explain
    )
    if call.timestamp is not None:
        message.timestamp_micros = micros(call.timestamp)
    for name in _SINGLES:
        if (value := getattr(call, name)) is not None:
            setattr(message, name, value)
    if call.enabled_skills is not None:
        message.enabled_skills.skill_ids[:] = call.enabled_skills
        message.enabled_skills.SetInParent()
    if call.recent is not None:
        message.recent.SetInParent()
        for use in call.recent:
            message.recent.uses.add(skill_id=use.skill_id, timestamp_micros=micros(use.timestamp))
    for name in _CONTEXT:
        if (value := getattr(call.context, name)) is not None:
            setattr(message.context, name, value)
    for skill in call.skills:
        offered = message.skills.add(skill_id=skill.skill_id)
        for intent in skill.intents:
            offered.intents.add(name=intent.name, slots=intent.slots)
    return message


def write_answer(answer: RouteAnswer) -> pb.RouteResponse:
    """The message of an answer."""
    message = pb.RouteResponse(
        request_id=answer.request_id,
        accepted=answer.accepted,
        degraded=answer.degraded,
        unknown_skills=answer.unknown_skills,
        explored=answer.explored,
        propensity=answer.propensity,
        reject=answer.reject,
        none=answer.none,
        arm=answer.arm,
        explanation_json=""
        if answer.explanation is None
        else msgspec.json.encode(answer.explanation).decode(),
    )
    for each in answer.models:
        message.models.add(model=each.model, version=each.version)
    for hypothesis in answer.hypotheses:
        added = message.hypotheses.add(
            skill_id=hypothesis.skill_id,
            domain=hypothesis.domain,
            intent=hypothesis.intent,
            confidence=hypothesis.confidence,
        )
        for slot in hypothesis.slots:
            added.slots.add(name=slot.name, value=slot.value, start=slot.start, end=slot.end)
        for name in _SCORES:
            if (value := getattr(hypothesis.scores, name)) is not None:
                setattr(added.scores, name, value)
    return message


def read_answer(message: pb.RouteResponse) -> RouteAnswer:
    """The inverse of `write_answer`."""
    return RouteAnswer(
        request_id=message.request_id,
        accepted=message.accepted,
        hypotheses=tuple(
            Hypothesis(
                skill_id=each.skill_id,
                domain=each.domain,
                intent=each.intent if each.HasField("intent") else None,
                slots=_slots(each.slots),
                confidence=each.confidence,
                scores=Scores(**_given(each.scores, _SCORES)),
            )
            for each in message.hypotheses
        ),
        **_given(message, ("reject", "none", "arm")),
        degraded=tuple(message.degraded),
        unknown_skills=tuple(message.unknown_skills),
        models=tuple(ModelVersion(model=each.model, version=each.version) for each in message.models),
        explored=message.explored,
        propensity=message.propensity,
        explanation=msgspec.json.decode(message.explanation_json, type=Explanation)
        if message.explanation_json
        else None,
    )


def write_result(result: RouteResult) -> pb.RouteResult:
    """The message of a batch's result."""
    if result.answer is None:
        return pb.RouteResult(error=result.error)
    return pb.RouteResult(answer=write_answer(result.answer))


def read_result(message: pb.RouteResult) -> RouteResult:
    """The inverse of `write_result`."""
    if message.WhichOneof("result") == "answer":
        return RouteResult(answer=read_answer(message.answer))
    return RouteResult(error=message.error)


def read_feedback(message: pb.FeedbackRequest) -> FeedbackCall:
    """The feedback in a message."""
    return FeedbackCall(
        request_id=message.request_id,
        outcome=message.outcome,
        **_given(message, ("skill_id", "intent")),
        slots=_slots(message.slots),
    )


def write_feedback(call: FeedbackCall) -> pb.FeedbackRequest:
    """The inverse of `read_feedback`."""
    message = pb.FeedbackRequest(
        request_id=call.request_id, outcome=call.outcome, skill_id=call.skill_id, intent=call.intent
    )
    for slot in call.slots:
        message.slots.add(name=slot.name, value=slot.value, start=slot.start, end=slot.end)
    return message


def _offered(message: Any) -> OfferedSkill:
    intents = (Intent(name=intent.name, slots=tuple(intent.slots)) for intent in message.intents)
    return OfferedSkill(skill_id=message.skill_id, intents=tuple(intents))


def _slots(messages: Any) -> tuple[Slot, ...]:
    return tuple(Slot(name=each.name, value=each.value, start=each.start, end=each.end) for each in messages)


def _given(message: Any, names: tuple[str, ...]) -> dict[str, Any]:
    """The optional fields that the message has."""
    return {name: getattr(message, name) for name in names if message.HasField(name)}


def _time(field: str, micros_since_1970: int) -> datetime:
    try:
        return moment(micros_since_1970)
    except OverflowError as error:
        raise RecordError("bad_timestamp", field, "must be a time", micros_since_1970) from error
