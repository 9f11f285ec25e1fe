"""The names of the graph's nodes, for those who must not wait for TFX to be imported."""

INGEST = "Ingest"
SCHEMA = "RequestSchema"
STATISTICS = "StatisticsGen"
VALIDATION = "ExampleValidator"
GATE = "DataGate"
LABEL = "Label"
SHORTLISTER = "ShortlisterTrainer"
DOMAINS = "DomainTrainer"
HYPOTHESIZE = "Hypothesize"
RERANKERS = "RerankerTrainer"
HYPRANK = "HypRankTrainer"
IN_SERVICE = "InService"
FIRST_RANK = "FirstRank"
FIRST_EVALUATOR = "FirstEvaluator"
SECOND_RANK = "SecondRank"
SECOND_EVALUATOR = "SecondEvaluator"
RANK = "Rank"
EVALUATOR = "Evaluator"
REVIEW = "Review"
PUSH = "Push"
SKILL_CHANGE = "SkillChange"
DOMAINS_CHANGE = "DomainSkillChange"
HYPRANK_CHANGE = "HypRankSkillChange"
BASELINE_RANK = "BaselineRank"
BASELINE_EVALUATOR = "BaselineEvaluator"

NODES = (
    INGEST,
    SCHEMA,
    STATISTICS,
    VALIDATION,
    GATE,
    LABEL,
    DOMAINS,
    SHORTLISTER,
    HYPOTHESIZE,
    RERANKERS,
    HYPRANK,
    IN_SERVICE,
    BASELINE_RANK,
    BASELINE_EVALUATOR,
    FIRST_RANK,
    FIRST_EVALUATOR,
    SECOND_RANK,
    SECOND_EVALUATOR,
    RANK,
    EVALUATOR,
    REVIEW,
    PUSH,
)
"""Every node of a run, in the order in which they run."""

RANKERS = (
    DOMAINS,
    HYPOTHESIZE,
    RERANKERS,
    HYPRANK,
    FIRST_RANK,
    FIRST_EVALUATOR,
    SECOND_RANK,
    SECOND_EVALUATOR,
)
"""Those that only a run of the whole system has; see `Config.rankers`."""

SPREAD = (INGEST, LABEL, DOMAINS, HYPOTHESIZE, BASELINE_RANK, FIRST_RANK, SECOND_RANK, RANK)
"""Those whose work Beam spreads over the workers of another runner; see `Config.beam`."""


def nodes_of(rankers: bool) -> tuple[str, ...]:
    """The nodes of a run with or without rankers, in the order in which they run."""
    return NODES if rankers else tuple(node for node in NODES if node not in RANKERS)


SKILL_NODES = (
    SKILL_CHANGE,
    DOMAINS_CHANGE,
    HYPRANK_CHANGE,
    BASELINE_RANK,
    BASELINE_EVALUATOR,
    RANK,
    EVALUATOR,
    REVIEW,
    PUSH,
)
"""Those of a change of skills between runs."""

WHOLE_CHANGE = (DOMAINS_CHANGE, HYPRANK_CHANGE, BASELINE_RANK, BASELINE_EVALUATOR)
"""Of these, those that only a change of the whole system has."""

UPDATE = "arbiter-update"
"""The name of a domain's update, as a graph."""

UPDATE_TASK = "Update"
"""The task of a cluster's update that judges and pushes."""

UPDATE_NODES = (
    DOMAINS,
    HYPOTHESIZE,
    RERANKERS,
    BASELINE_RANK,
    BASELINE_EVALUATOR,
    RANK,
    EVALUATOR,
    REVIEW,
    PUSH,
)
"""Those of a domain's update, but for those that read a dataset, which it may have too."""
