"""The names of the graph's nodes, for those who must not wait for TFX to be imported."""

INGEST = "Ingest"
SCHEMA = "RequestSchema"
STATISTICS = "StatisticsGen"
VALIDATION = "ExampleValidator"
GATE = "DataGate"
LABEL = "Label"
SHORTLISTER = "ShortlisterTrainer"
RANK = "Rank"
EVALUATOR = "Evaluator"
REVIEW = "Review"
PUSH = "Push"
SKILL_CHANGE = "SkillChange"

NODES = (
    INGEST,
    SCHEMA,
    STATISTICS,
    VALIDATION,
    GATE,
    LABEL,
    SHORTLISTER,
    RANK,
    EVALUATOR,
    REVIEW,
    PUSH,
)
"""Every node of a run, in the order in which they run."""

SKILL_NODES = (SKILL_CHANGE, RANK, EVALUATOR, REVIEW, PUSH)
"""Those of a change of skills between runs."""
