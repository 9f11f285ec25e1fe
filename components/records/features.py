"""The names and types of the features that a record has as a `tf.train.Example`. Nobody re-declares one."""

from typing import Final, Literal, NamedTuple

Kind = Literal["bytes", "int64", "float"]


class Feature(NamedTuple):
    """How a feature is stored. `many`: any number of values; else none or one. `required`: always one."""

    kind: Kind
    many: bool = False
    required: bool = False


class F:
    """Feature names."""

    REQUEST_ID: Final = "request_id"
    TIMESTAMP: Final = "timestamp"  # microseconds since 1970, UTC
    UTTERANCE: Final = "utterance"
    LOCALE: Final = "locale"
    DEVICE: Final = "device"
    CUSTOMER_ID: Final = "customer_id"
    ENABLED_SKILLS: Final = "enabled_skills"
    RECENT_SKILLS: Final = "recent.skill_id"
    RECENT_TIMESTAMPS: Final = "recent.timestamp"
    PREVIOUS_SKILL: Final = "context.previous_skill"
    PREVIOUS_INTENT: Final = "context.previous_intent"
    TURN: Final = "context.turn"
    NEW_INTENT: Final = "context.new_intent"
    OFFERED_SKILLS: Final = "skills"  # each as JSON
    SKILL_ID: Final = "skill_id"
    INTENT: Final = "intent"
    SLOT_NAMES: Final = "slots.name"
    SLOT_VALUES: Final = "slots.value"
    SLOT_STARTS: Final = "slots.start"
    SLOT_ENDS: Final = "slots.end"
    ALSO_CORRECT: Final = "also_correct"
    OUTCOME: Final = "outcome"
    SPLIT: Final = "split"
    ROUTED_CHOSEN: Final = "routing.chosen"
    ROUTED_MODELS: Final = "routing.models"
    ROUTED_VERSIONS: Final = "routing.versions"  # one for each of the models
    ROUTED_EXPLORED: Final = "routing.explored"
    ROUTED_PROPENSITY: Final = "routing.propensity"  # there where a router answered

    LABEL_TEXT: Final = "label.text"
    LABEL_SKILL: Final = "label.skill_id"
    LABEL_NEGATIVE: Final = "label.negative_skill"
    LABEL_SOURCE: Final = "label.source"
    LABEL_RULE: Final = "label.rule"

    PREDICTED_ACCEPTED: Final = "prediction.accepted"
    PREDICTED_SKILLS: Final = "prediction.skill_id"
    PREDICTED_DOMAINS: Final = "prediction.domain"
    PREDICTED_CONFIDENCES: Final = "prediction.confidence"
    PREDICTED_REJECT: Final = "prediction.reject"
    PREDICTED_NONE: Final = "prediction.none"
    PREDICTED_INTENTS: Final = "prediction.intent"  # "" = none
    PREDICTED_SLOT_COUNTS: Final = "prediction.slots"  # of each; the slots' own features are end to end
    PREDICTED_SLOT_NAMES: Final = "prediction.slots.name"
    PREDICTED_SLOT_VALUES: Final = "prediction.slots.value"
    PREDICTED_SLOT_STARTS: Final = "prediction.slots.start"
    PREDICTED_SLOT_ENDS: Final = "prediction.slots.end"
    PREDICTED_SHORTLISTER: Final = "prediction.scores.shortlister"
    PREDICTED_DOMAIN_SCORES: Final = "prediction.scores.domain"
    PREDICTED_INTENT_SCORES: Final = "prediction.scores.intent"
    PREDICTED_SLOT_SCORES: Final = "prediction.scores.slots"
    PREDICTED_RERANKER: Final = "prediction.scores.reranker"
    PREDICTED_HYPRANK: Final = "prediction.scores.hyprank"

    REJECT: Final = "hypotheses.reject"
    PSEUDO_LABELS: Final = "hypotheses.pseudo_labels"
    HYPOTHESIS_SKILLS: Final = "hypotheses.skill_id"
    HYPOTHESIS_DOMAINS: Final = "hypotheses.domain"
    HYPOTHESIS_INTENTS: Final = "hypotheses.intent"  # "" = none
    HYPOTHESIS_SLOT_COUNTS: Final = "hypotheses.slots"  # of each; the slots' own features are end to end
    HYPOTHESIS_SLOT_NAMES: Final = "hypotheses.slots.name"
    HYPOTHESIS_SLOT_VALUES: Final = "hypotheses.slots.value"
    HYPOTHESIS_SLOT_STARTS: Final = "hypotheses.slots.start"
    HYPOTHESIS_SLOT_ENDS: Final = "hypotheses.slots.end"
    HYPOTHESIS_SHORTLISTER: Final = "hypotheses.scores.shortlister"
    HYPOTHESIS_DOMAIN_SCORES: Final = "hypotheses.scores.domain"
    HYPOTHESIS_INTENT_SCORES: Final = "hypotheses.scores.intent"
    HYPOTHESIS_SLOT_SCORES: Final = "hypotheses.scores.slots"
    HYPOTHESIS_SKILL_RIGHT: Final = "hypotheses.skill_right"  # 1, 0, or -1 = not judged
    HYPOTHESIS_RIGHT: Final = "hypotheses.right"  # likewise
    HYPOTHESIS_ERRORS: Final = "hypotheses.errors"  # -1 = no frame to compare with


REQUEST_FEATURES: Final[dict[str, Feature]] = {
    F.REQUEST_ID: Feature("bytes", required=True),
    F.TIMESTAMP: Feature("int64"),
    F.UTTERANCE: Feature("bytes", required=True),
    F.LOCALE: Feature("bytes"),
    F.DEVICE: Feature("bytes"),
    F.CUSTOMER_ID: Feature("bytes"),
    F.ENABLED_SKILLS: Feature("bytes", many=True),
    F.RECENT_SKILLS: Feature("bytes", many=True),
    F.RECENT_TIMESTAMPS: Feature("int64", many=True),
    F.PREVIOUS_SKILL: Feature("bytes"),
    F.PREVIOUS_INTENT: Feature("bytes"),
    F.TURN: Feature("int64"),
    F.NEW_INTENT: Feature("int64"),
    F.OFFERED_SKILLS: Feature("bytes", many=True),
    F.SKILL_ID: Feature("bytes"),
    F.INTENT: Feature("bytes"),
    F.SLOT_NAMES: Feature("bytes", many=True),
    F.SLOT_VALUES: Feature("bytes", many=True),
    F.SLOT_STARTS: Feature("int64", many=True),
    F.SLOT_ENDS: Feature("int64", many=True),
    F.ALSO_CORRECT: Feature("bytes", many=True),
    F.OUTCOME: Feature("bytes"),
    F.SPLIT: Feature("bytes"),
    F.ROUTED_CHOSEN: Feature("bytes"),
    F.ROUTED_MODELS: Feature("bytes", many=True),
    F.ROUTED_VERSIONS: Feature("int64", many=True),
    F.ROUTED_EXPLORED: Feature("int64"),
    F.ROUTED_PROPENSITY: Feature("float"),
}

LABEL_FEATURES: Final[dict[str, Feature]] = {
    F.LABEL_TEXT: Feature("bytes", required=True),
    F.LABEL_SKILL: Feature("bytes"),
    F.LABEL_NEGATIVE: Feature("bytes"),
    F.LABEL_SOURCE: Feature("bytes", required=True),
    F.LABEL_RULE: Feature("bytes", required=True),
}

PREDICTION_FEATURES: Final[dict[str, Feature]] = {
    F.PREDICTED_ACCEPTED: Feature("int64", required=True),
    F.PREDICTED_SKILLS: Feature("bytes", many=True),
    F.PREDICTED_DOMAINS: Feature("bytes", many=True),
    F.PREDICTED_CONFIDENCES: Feature("float", many=True),
    F.PREDICTED_REJECT: Feature("float"),
    F.PREDICTED_NONE: Feature("float"),
    F.PREDICTED_INTENTS: Feature("bytes", many=True),
    F.PREDICTED_SLOT_COUNTS: Feature("int64", many=True),
    F.PREDICTED_SLOT_NAMES: Feature("bytes", many=True),
    F.PREDICTED_SLOT_VALUES: Feature("bytes", many=True),
    F.PREDICTED_SLOT_STARTS: Feature("int64", many=True),
    F.PREDICTED_SLOT_ENDS: Feature("int64", many=True),
    F.PREDICTED_SHORTLISTER: Feature("float", many=True),
    F.PREDICTED_DOMAIN_SCORES: Feature("float", many=True),
    F.PREDICTED_INTENT_SCORES: Feature("float", many=True),
    F.PREDICTED_SLOT_SCORES: Feature("float", many=True),
    F.PREDICTED_RERANKER: Feature("float", many=True),
    F.PREDICTED_HYPRANK: Feature("float", many=True),
}

HYPOTHESIS_FEATURES: Final[dict[str, Feature]] = {
    F.REJECT: Feature("float"),
    F.PSEUDO_LABELS: Feature("bytes", many=True),
    F.HYPOTHESIS_SKILLS: Feature("bytes", many=True),
    F.HYPOTHESIS_DOMAINS: Feature("bytes", many=True),
    F.HYPOTHESIS_INTENTS: Feature("bytes", many=True),
    F.HYPOTHESIS_SLOT_COUNTS: Feature("int64", many=True),
    F.HYPOTHESIS_SLOT_NAMES: Feature("bytes", many=True),
    F.HYPOTHESIS_SLOT_VALUES: Feature("bytes", many=True),
    F.HYPOTHESIS_SLOT_STARTS: Feature("int64", many=True),
    F.HYPOTHESIS_SLOT_ENDS: Feature("int64", many=True),
    F.HYPOTHESIS_SHORTLISTER: Feature("float", many=True),
    F.HYPOTHESIS_DOMAIN_SCORES: Feature("float", many=True),
    F.HYPOTHESIS_INTENT_SCORES: Feature("float", many=True),
    F.HYPOTHESIS_SLOT_SCORES: Feature("float", many=True),
    F.HYPOTHESIS_SKILL_RIGHT: Feature("int64", many=True),
    F.HYPOTHESIS_RIGHT: Feature("int64", many=True),
    F.HYPOTHESIS_ERRORS: Feature("int64", many=True),
}

FEATURES: Final[dict[str, Feature]] = {
    **REQUEST_FEATURES,
    **LABEL_FEATURES,
    **PREDICTION_FEATURES,
    **HYPOTHESIS_FEATURES,
}
