"""The artifact types that the graph's nodes pass on, beside TFX's own, and where an artifact's files lie."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from tfx.types import artifact_utils
from tfx.types.artifact import Artifact, Property, PropertyType

from components.records.artifact_files import version_folder_in
from components.records.model_set import candidate_folders

Artifacts = Mapping[str, Sequence[Artifact]]
"""What an executor is given to read or to write: artifacts by the name of the input or output."""


class CatalogueArtifact(Artifact):
    """`catalogue.jsonl`: the skills of the dataset, validated, in file order."""

    TYPE_NAME = "Catalogue"


class DeadLetters(Artifact):
    """`dead_letters.jsonl`: every record refused and why; `report.json`: the counts."""

    TYPE_NAME = "DeadLetters"


class IngestState(Artifact):
    """`span.json`, `ids/`, `owners/`: what reading a dataset folder that grew must know of what was read."""

    TYPE_NAME = "IngestState"


class SkillCounts(Artifact):
    """`popularity.json`: how often each skill is right in train."""

    TYPE_NAME = "SkillCounts"


class PseudoLabels(Artifact):
    """`pseudo_labels.jsonl`: further right skills of train requests; `epochs/`: what they come from."""

    TYPE_NAME = "PseudoLabels"


class NegativeLabels(Artifact):
    """`negatives.jsonl`: skills that failed on train requests, as far as they were learnt from."""

    TYPE_NAME = "NegativeLabels"


class Distillation(Artifact):
    """`teacher.keras`: the network whose outputs were targets beside the labels."""

    TYPE_NAME = "Distillation"


class SemiLabels(Artifact):
    """`semi_labels.jsonl`: the model's own labels for train requests that had none."""

    TYPE_NAME = "SemiLabels"


class Predictions(Artifact):
    """`Split-<name>/predictions-*.gz`: labelled requests with what the system answered.

    `serving_cost.json`: a sample of what an answer costs, where it was measured.
    """

    TYPE_NAME = "Predictions"


class Verdict(Artifact):
    """`verdict.json`: every check with its reason; `blessed` is 1 where all of them passed."""

    TYPE_NAME = "Verdict"
    PROPERTIES = {"blessed": Property(type=PropertyType.INT)}  # noqa: RUF012 (TFX reads the class attribute)


class Review(Artifact):
    """`review.html`: the evaluation as one page; `dashboard.json`: what Kubeflow Pipelines shows of it."""

    TYPE_NAME = "Review"


class Hypotheses(Artifact):
    """`Split-<name>/hypotheses-*.gz`: labelled requests with their judged hypothesis lists."""

    TYPE_NAME = "Hypotheses"


class DomainModels(Artifact):
    """`domain-<slug>/`: a version folder for each domain."""

    TYPE_NAME = "DomainModels"


class DomainRuns(Artifact):
    """`domain-<slug>/`: training.json, log and weights of each domain; `report.json`: what came of each."""

    TYPE_NAME = "DomainRuns"


class ReliabilityArtifact(Artifact):
    """`reliability.json`: reliability curves of the re-rankers' losses, and their weights in words."""

    TYPE_NAME = "Reliability"


def folder_of(artifacts: Artifacts, name: str) -> Path:
    """Where the one artifact of that name lies."""
    return Path(artifact_utils.get_single_uri(list(artifacts[name])))


def optional_folder_of(artifacts: Artifacts, name: str) -> Path | None:
    """The same, or None where the graph gives no artifact of that name."""
    return folder_of(artifacts, name) if artifacts.get(name) else None


def version_folder_of(artifacts: Artifacts, name: str) -> Path:
    """The version folder of the one model of that name."""
    return version_folder_in(folder_of(artifacts, name))


def candidates_of(artifacts: Artifacts) -> dict[str, Path]:
    """The version folders of the inputs `model`, `domain_models` and `hyprank`, as far as there are any."""
    return candidate_folders(
        model=optional_folder_of(artifacts, "model"),
        domain_models=optional_folder_of(artifacts, "domain_models"),
        hyprank=optional_folder_of(artifacts, "hyprank"),
    )


_CHAIN = "chain"


def mark_growth(examples: Artifact, *, span: int, chain: str) -> None:
    """Says on Examples how often their dataset's folder was read as it grew, and from which first reading."""
    examples.span = span
    examples.set_string_custom_property(_CHAIN, chain)


def copy_growth(source: Artifact, target: Artifact) -> None:
    """What `mark_growth` said, said of Examples that were made of `source` request by request."""
    mark_growth(target, span=source.span, chain=source.get_string_custom_property(_CHAIN))


def grew_from(examples: Artifact, earlier: Artifact) -> bool:
    """Whether `examples` hold all of `earlier`, each request in its split, and more."""
    chain = examples.get_string_custom_property(_CHAIN)
    return (
        bool(chain) and chain == earlier.get_string_custom_property(_CHAIN) and earlier.span < examples.span
    )
