from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RouteRequest(_message.Message):
    __slots__ = ("request_id", "utterance", "timestamp_micros", "locale", "device", "customer_id", "enabled_skills", "recent", "context", "top", "explain", "skills")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    UTTERANCE_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_MICROS_FIELD_NUMBER: _ClassVar[int]
    LOCALE_FIELD_NUMBER: _ClassVar[int]
    DEVICE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_ID_FIELD_NUMBER: _ClassVar[int]
    ENABLED_SKILLS_FIELD_NUMBER: _ClassVar[int]
    RECENT_FIELD_NUMBER: _ClassVar[int]
    CONTEXT_FIELD_NUMBER: _ClassVar[int]
    TOP_FIELD_NUMBER: _ClassVar[int]
    EXPLAIN_FIELD_NUMBER: _ClassVar[int]
    SKILLS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    utterance: str
    timestamp_micros: int
    locale: str
    device: str
    customer_id: str
    enabled_skills: SkillIds
    recent: Uses
    context: Context
    top: int
    explain: bool
    skills: _containers.RepeatedCompositeFieldContainer[OfferedSkill]
    def __init__(self, request_id: _Optional[str] = ..., utterance: _Optional[str] = ..., timestamp_micros: _Optional[int] = ..., locale: _Optional[str] = ..., device: _Optional[str] = ..., customer_id: _Optional[str] = ..., enabled_skills: _Optional[_Union[SkillIds, _Mapping]] = ..., recent: _Optional[_Union[Uses, _Mapping]] = ..., context: _Optional[_Union[Context, _Mapping]] = ..., top: _Optional[int] = ..., explain: _Optional[bool] = ..., skills: _Optional[_Iterable[_Union[OfferedSkill, _Mapping]]] = ...) -> None: ...

class OfferedSkill(_message.Message):
    __slots__ = ("skill_id", "intents")
    SKILL_ID_FIELD_NUMBER: _ClassVar[int]
    INTENTS_FIELD_NUMBER: _ClassVar[int]
    skill_id: str
    intents: _containers.RepeatedCompositeFieldContainer[Intent]
    def __init__(self, skill_id: _Optional[str] = ..., intents: _Optional[_Iterable[_Union[Intent, _Mapping]]] = ...) -> None: ...

class Intent(_message.Message):
    __slots__ = ("name", "slots")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    name: str
    slots: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, name: _Optional[str] = ..., slots: _Optional[_Iterable[str]] = ...) -> None: ...

class SkillIds(_message.Message):
    __slots__ = ("skill_ids",)
    SKILL_IDS_FIELD_NUMBER: _ClassVar[int]
    skill_ids: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, skill_ids: _Optional[_Iterable[str]] = ...) -> None: ...

class Uses(_message.Message):
    __slots__ = ("uses",)
    USES_FIELD_NUMBER: _ClassVar[int]
    uses: _containers.RepeatedCompositeFieldContainer[Use]
    def __init__(self, uses: _Optional[_Iterable[_Union[Use, _Mapping]]] = ...) -> None: ...

class Use(_message.Message):
    __slots__ = ("skill_id", "timestamp_micros")
    SKILL_ID_FIELD_NUMBER: _ClassVar[int]
    TIMESTAMP_MICROS_FIELD_NUMBER: _ClassVar[int]
    skill_id: str
    timestamp_micros: int
    def __init__(self, skill_id: _Optional[str] = ..., timestamp_micros: _Optional[int] = ...) -> None: ...

class Context(_message.Message):
    __slots__ = ("previous_skill", "previous_intent", "turn")
    PREVIOUS_SKILL_FIELD_NUMBER: _ClassVar[int]
    PREVIOUS_INTENT_FIELD_NUMBER: _ClassVar[int]
    TURN_FIELD_NUMBER: _ClassVar[int]
    previous_skill: str
    previous_intent: str
    turn: int
    def __init__(self, previous_skill: _Optional[str] = ..., previous_intent: _Optional[str] = ..., turn: _Optional[int] = ...) -> None: ...

class RouteResponse(_message.Message):
    __slots__ = ("request_id", "accepted", "hypotheses", "reject", "none", "degraded", "models", "explored", "propensity", "explanation_json", "arm", "unknown_skills")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    ACCEPTED_FIELD_NUMBER: _ClassVar[int]
    HYPOTHESES_FIELD_NUMBER: _ClassVar[int]
    REJECT_FIELD_NUMBER: _ClassVar[int]
    NONE_FIELD_NUMBER: _ClassVar[int]
    DEGRADED_FIELD_NUMBER: _ClassVar[int]
    MODELS_FIELD_NUMBER: _ClassVar[int]
    EXPLORED_FIELD_NUMBER: _ClassVar[int]
    PROPENSITY_FIELD_NUMBER: _ClassVar[int]
    EXPLANATION_JSON_FIELD_NUMBER: _ClassVar[int]
    ARM_FIELD_NUMBER: _ClassVar[int]
    UNKNOWN_SKILLS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    accepted: bool
    hypotheses: _containers.RepeatedCompositeFieldContainer[Hypothesis]
    reject: float
    none: float
    degraded: _containers.RepeatedScalarFieldContainer[str]
    models: _containers.RepeatedCompositeFieldContainer[ModelVersion]
    explored: bool
    propensity: float
    explanation_json: str
    arm: str
    unknown_skills: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, request_id: _Optional[str] = ..., accepted: _Optional[bool] = ..., hypotheses: _Optional[_Iterable[_Union[Hypothesis, _Mapping]]] = ..., reject: _Optional[float] = ..., none: _Optional[float] = ..., degraded: _Optional[_Iterable[str]] = ..., models: _Optional[_Iterable[_Union[ModelVersion, _Mapping]]] = ..., explored: _Optional[bool] = ..., propensity: _Optional[float] = ..., explanation_json: _Optional[str] = ..., arm: _Optional[str] = ..., unknown_skills: _Optional[_Iterable[str]] = ...) -> None: ...

class Hypothesis(_message.Message):
    __slots__ = ("skill_id", "domain", "intent", "slots", "confidence", "scores")
    SKILL_ID_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    CONFIDENCE_FIELD_NUMBER: _ClassVar[int]
    SCORES_FIELD_NUMBER: _ClassVar[int]
    skill_id: str
    domain: str
    intent: str
    slots: _containers.RepeatedCompositeFieldContainer[Slot]
    confidence: float
    scores: Scores
    def __init__(self, skill_id: _Optional[str] = ..., domain: _Optional[str] = ..., intent: _Optional[str] = ..., slots: _Optional[_Iterable[_Union[Slot, _Mapping]]] = ..., confidence: _Optional[float] = ..., scores: _Optional[_Union[Scores, _Mapping]] = ...) -> None: ...

class Slot(_message.Message):
    __slots__ = ("name", "value", "start", "end")
    NAME_FIELD_NUMBER: _ClassVar[int]
    VALUE_FIELD_NUMBER: _ClassVar[int]
    START_FIELD_NUMBER: _ClassVar[int]
    END_FIELD_NUMBER: _ClassVar[int]
    name: str
    value: str
    start: int
    end: int
    def __init__(self, name: _Optional[str] = ..., value: _Optional[str] = ..., start: _Optional[int] = ..., end: _Optional[int] = ...) -> None: ...

class Scores(_message.Message):
    __slots__ = ("shortlister", "domain", "intent", "slots", "reranker", "hyprank")
    SHORTLISTER_FIELD_NUMBER: _ClassVar[int]
    DOMAIN_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    RERANKER_FIELD_NUMBER: _ClassVar[int]
    HYPRANK_FIELD_NUMBER: _ClassVar[int]
    shortlister: float
    domain: float
    intent: float
    slots: float
    reranker: float
    hyprank: float
    def __init__(self, shortlister: _Optional[float] = ..., domain: _Optional[float] = ..., intent: _Optional[float] = ..., slots: _Optional[float] = ..., reranker: _Optional[float] = ..., hyprank: _Optional[float] = ...) -> None: ...

class ModelVersion(_message.Message):
    __slots__ = ("model", "version")
    MODEL_FIELD_NUMBER: _ClassVar[int]
    VERSION_FIELD_NUMBER: _ClassVar[int]
    model: str
    version: int
    def __init__(self, model: _Optional[str] = ..., version: _Optional[int] = ...) -> None: ...

class RouteBatchRequest(_message.Message):
    __slots__ = ("requests",)
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    requests: _containers.RepeatedCompositeFieldContainer[RouteRequest]
    def __init__(self, requests: _Optional[_Iterable[_Union[RouteRequest, _Mapping]]] = ...) -> None: ...

class RouteBatchResponse(_message.Message):
    __slots__ = ("results",)
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    results: _containers.RepeatedCompositeFieldContainer[RouteResult]
    def __init__(self, results: _Optional[_Iterable[_Union[RouteResult, _Mapping]]] = ...) -> None: ...

class RouteResult(_message.Message):
    __slots__ = ("answer", "error")
    ANSWER_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    answer: RouteResponse
    error: str
    def __init__(self, answer: _Optional[_Union[RouteResponse, _Mapping]] = ..., error: _Optional[str] = ...) -> None: ...

class FeedbackRequest(_message.Message):
    __slots__ = ("request_id", "outcome", "skill_id", "intent", "slots")
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    SKILL_ID_FIELD_NUMBER: _ClassVar[int]
    INTENT_FIELD_NUMBER: _ClassVar[int]
    SLOTS_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    outcome: str
    skill_id: str
    intent: str
    slots: _containers.RepeatedCompositeFieldContainer[Slot]
    def __init__(self, request_id: _Optional[str] = ..., outcome: _Optional[str] = ..., skill_id: _Optional[str] = ..., intent: _Optional[str] = ..., slots: _Optional[_Iterable[_Union[Slot, _Mapping]]] = ...) -> None: ...

class FeedbackResponse(_message.Message):
    __slots__ = ("request_id",)
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    request_id: str
    def __init__(self, request_id: _Optional[str] = ...) -> None: ...
