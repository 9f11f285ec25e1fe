"""The names of the graph's nodes, for those who must not wait for TFX to be imported."""

INGEST = "Ingest"
STATISTICS = "StatisticsGen"
SCHEMA = "RequestSchema"
VALIDATION = "ExampleValidator"
GATE = "DataGate"
LABEL = "Label"
SHORTLISTER = "ShortlisterTrainer"
RANK = "Rank"
EVALUATOR = "Evaluator"
REVIEW = "Review"
PUSH = "Push"

NODES = (
    INGEST,
    STATISTICS,
    SCHEMA,
    VALIDATION,
    GATE,
    LABEL,
    SHORTLISTER,
    RANK,
    EVALUATOR,
    REVIEW,
    PUSH,
)
"""Every node, in an order in which each comes after those that it needs."""
