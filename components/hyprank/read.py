"""Hypothesis lists as HypRank meets them: re-ranked by the re-rankers of the domains' models."""

from collections.abc import Mapping
from pathlib import Path

from components.records.hypothesis_examples import read_hypothesis_lists
from components.records.hypothesis_list import HypothesisList
from components.records.reranker import Reranker, rerank
from components.records.version_folder import MANIFEST, read_manifest


def read_rerankers(domain_models: Path) -> dict[str, Reranker]:
    """The re-rankers in the version folders `domain_models`/*, by domain; a folder may have none.

    Raises:
        ValueError: A folder's manifest is damaged.
    """
    manifests = [read_manifest(path.parent) for path in sorted(domain_models.glob(f"*/{MANIFEST}"))]
    return {each.domains[0]: each.reranker for each in manifests if each.reranker is not None}


def read_reranked(hypotheses: Path, split: str, rerankers: Mapping[str, Reranker]) -> list[HypothesisList]:
    """The lists of a split, re-ranked. Raises as `read_hypothesis_lists` does.

    Args:
        rerankers: By domain.
    """
    return [rerank(listed, rerankers) for listed in read_hypothesis_lists(hypotheses, split)]
