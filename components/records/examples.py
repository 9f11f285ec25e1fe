"""Records as `tf.train.Example` and back.

A record is first a plain mapping of feature name to values (`Values`); the two functions that touch the
protocol buffer, `encode` and `decode`, are the only ones that need TensorFlow, and import it when called.
"""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from components.records.features import FEATURES, F, Feature
from components.records.label import Label, LabelledRequest
from components.records.prediction import Hypothesis, Prediction
from components.records.reading_examples import PREDICTED, reading_values, readings_from
from components.records.request import Context, OfferedSkill, Request, Routing, Slot, Usage

Values = dict[str, list[Any]]
"""Feature name to values: str for bytes features, int for int64, float for float. Absent means none."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_offered = msgspec.json.Decoder(OfferedSkill)


def micros(moment: datetime) -> int:
    """Whole microseconds since 1970, UTC."""
    return (moment - _EPOCH) // _MICROSECOND


def moment(micros_since_1970: int) -> datetime:
    """The inverse of `micros`."""
    return _EPOCH + micros_since_1970 * _MICROSECOND


def request_values(request: Request) -> Values:
    """The features of a request; absent fields have no entry."""
    context = request.context
    singles = {
        F.REQUEST_ID: request.request_id,
        F.TIMESTAMP: None if request.timestamp is None else micros(request.timestamp),
        F.UTTERANCE: request.utterance,
        F.LOCALE: request.locale,
        F.DEVICE: request.device,
        F.CUSTOMER_ID: request.customer_id,
        F.PREVIOUS_SKILL: context.previous_skill,
        F.PREVIOUS_INTENT: context.previous_intent,
        F.TURN: context.turn,
        F.NEW_INTENT: None if context.new_intent is None else int(context.new_intent),
        F.SKILL_ID: request.skill_id,
        F.INTENT: request.intent,
        F.OUTCOME: request.outcome,
        F.SPLIT: request.split,
    }
    values: Values = {name: [value] for name, value in singles.items() if value is not None}
    many: dict[str, list[Any]] = {
        F.ENABLED_SKILLS: list(request.enabled_skills),
        F.RECENT_SKILLS: [usage.skill_id for usage in request.recent],
        F.RECENT_TIMESTAMPS: [micros(usage.timestamp) for usage in request.recent],
        F.SLOT_NAMES: [slot.name for slot in request.slots],
        F.SLOT_VALUES: [slot.value for slot in request.slots],
        F.SLOT_STARTS: [slot.start for slot in request.slots],
        F.SLOT_ENDS: [slot.end for slot in request.slots],
        F.ALSO_CORRECT: list(request.also_correct),
        F.OFFERED_SKILLS: [msgspec.json.encode(skill).decode() for skill in request.skills],
    }
    values.update((name, items) for name, items in many.items() if items)
    return values if request.routing is None else {**values, **_routing_values(request.routing)}


def _routing_values(routing: Routing) -> Values:
    values: Values = {
        F.ROUTED_CHOSEN: [] if routing.chosen is None else [routing.chosen],
        F.ROUTED_MODELS: list(routing.models),
        F.ROUTED_VERSIONS: list(routing.models.values()),
        F.ROUTED_EXPLORED: [int(routing.explored)],
        F.ROUTED_PROPENSITY: [routing.propensity],
    }
    return {name: items for name, items in values.items() if items}


def labelled_values(labelled: LabelledRequest) -> Values:
    """The features of a labelled request."""
    return {**request_values(labelled.request), **label_values(labelled.label)}


def label_values(label: Label) -> Values:
    """The features of a label, beside those of its request."""
    values: Values = {
        F.LABEL_TEXT: [label.text],
        F.LABEL_SOURCE: [label.source],
        F.LABEL_RULE: [label.rule],
    }
    if label.skill_id is not None:
        values[F.LABEL_SKILL] = [label.skill_id]
    if label.negative_skill is not None:
        values[F.LABEL_NEGATIVE] = [label.negative_skill]
    return values


def prediction_values(prediction: Prediction) -> Values:
    """The features of a prediction, beside those of its request (`F.REQUEST_ID` is the request's)."""
    values: Values = {
        F.PREDICTED_ACCEPTED: [int(prediction.accepted)],
        F.PREDICTED_REJECT: [] if prediction.reject is None else [prediction.reject],
        F.PREDICTED_NONE: [] if prediction.none is None else [prediction.none],
        F.PREDICTED_CONFIDENCES: [hypothesis.confidence for hypothesis in prediction.hypotheses],
        **reading_values(prediction.hypotheses, PREDICTED),
    }
    return {name: items for name, items in values.items() if items}


def request_from(values: Mapping[str, Sequence[Any]]) -> Request:
    """The request that `values` describe; other features are ignored. Raises `RecordError` like parsing."""
    new_intent = _one(values, F.NEW_INTENT)
    timestamp = _one(values, F.TIMESTAMP)
    return Request(
        request_id=values[F.REQUEST_ID][0],
        utterance=values[F.UTTERANCE][0],
        timestamp=None if timestamp is None else moment(timestamp),
        locale=_one(values, F.LOCALE),
        device=_one(values, F.DEVICE),
        customer_id=_one(values, F.CUSTOMER_ID),
        enabled_skills=tuple(values.get(F.ENABLED_SKILLS, ())),
        recent=tuple(
            Usage(skill_id=skill_id, timestamp=moment(time))
            for skill_id, time in zip(
                values.get(F.RECENT_SKILLS, ()), values.get(F.RECENT_TIMESTAMPS, ()), strict=True
            )
        ),
        context=Context(
            previous_skill=_one(values, F.PREVIOUS_SKILL),
            previous_intent=_one(values, F.PREVIOUS_INTENT),
            turn=_one(values, F.TURN),
            new_intent=None if new_intent is None else bool(new_intent),
        ),
        skill_id=_one(values, F.SKILL_ID),
        intent=_one(values, F.INTENT),
        slots=tuple(
            Slot(name=name, value=value, start=start, end=end)
            for name, value, start, end in zip(
                values.get(F.SLOT_NAMES, ()),
                values.get(F.SLOT_VALUES, ()),
                values.get(F.SLOT_STARTS, ()),
                values.get(F.SLOT_ENDS, ()),
                strict=True,
            )
        ),
        also_correct=tuple(values.get(F.ALSO_CORRECT, ())),
        skills=tuple(map(_offered.decode, values.get(F.OFFERED_SKILLS, ()))),
        outcome=_one(values, F.OUTCOME),
        split=_one(values, F.SPLIT),
        routing=_routing(values),
    )


def _routing(values: Mapping[str, Sequence[Any]]) -> Routing | None:
    """As exact as float32."""
    propensity = _one(values, F.ROUTED_PROPENSITY)
    if propensity is None:
        return None
    models = zip(values.get(F.ROUTED_MODELS, ()), values.get(F.ROUTED_VERSIONS, ()), strict=True)
    return Routing(
        chosen=_one(values, F.ROUTED_CHOSEN),
        models=dict(models),
        explored=bool(_one(values, F.ROUTED_EXPLORED)),
        propensity=propensity,
    )


def labelled_from(values: Mapping[str, Sequence[Any]]) -> LabelledRequest:
    """The labelled request that `values` describe."""
    label = Label(
        text=values[F.LABEL_TEXT][0],
        skill_id=_one(values, F.LABEL_SKILL),
        negative_skill=_one(values, F.LABEL_NEGATIVE),
        source=values[F.LABEL_SOURCE][0],
        rule=values[F.LABEL_RULE][0],
    )
    return LabelledRequest(request=request_from(values), label=label)


def prediction_from(values: Mapping[str, Sequence[Any]]) -> Prediction:
    """The prediction that `values` describe. Confidences and scores are as exact as float32."""
    return Prediction(
        request_id=values[F.REQUEST_ID][0],
        accepted=bool(values[F.PREDICTED_ACCEPTED][0]),
        hypotheses=tuple(
            Hypothesis(confidence=confidence, **reading)
            for reading, confidence in zip(
                readings_from(values, PREDICTED), values.get(F.PREDICTED_CONFIDENCES, ()), strict=True
            )
        ),
        reject=_one(values, F.PREDICTED_REJECT),
        none=_one(values, F.PREDICTED_NONE),
    )


def encode(values: Mapping[str, Sequence[Any]]) -> bytes:
    """A serialised `tf.train.Example`, the same bytes for the same values.

    Raises:
        KeyError: A feature that `FEATURES` does not know.
    """
    from tensorflow.core.example import example_pb2

    example = example_pb2.Example()
    feature_of = example.features.feature
    for name, items in values.items():
        kind = FEATURES[name].kind
        if kind == "bytes":
            feature_of[name].bytes_list.value.extend([item.encode() for item in items])
        elif kind == "int64":
            feature_of[name].int64_list.value.extend(items)
        else:
            feature_of[name].float_list.value.extend(items)
    encoded: bytes = example.SerializeToString(deterministic=True)
    return encoded


def decode(example: bytes) -> Values:
    """The inverse of `encode`; features that Arbiter does not know are left out."""
    from tensorflow.core.example import example_pb2

    features = example_pb2.Example.FromString(example).features.feature
    return {
        name: _items(feature, FEATURES[name])
        for name, feature in sorted(features.items())
        if name in FEATURES
    }


def _items(feature: Any, spec: Feature) -> list[Any]:
    if spec.kind == "bytes":
        return [item.decode() for item in feature.bytes_list.value]
    return list(feature.int64_list.value if spec.kind == "int64" else feature.float_list.value)


def _one(values: Mapping[str, Sequence[Any]], name: str) -> Any:
    items = values.get(name)
    return items[0] if items else None
