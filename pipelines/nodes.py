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
"""Every node, in the order in which they run."""
