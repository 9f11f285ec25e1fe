"""Trains re-rankers from hypothesis lists, and puts each where its domain's model is."""

from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from components.records.hypothesis_list import HypothesisList
from components.records.reranker import Reranker
from components.records.version_folder import read_manifest, write_manifest
from components.reranker.gather import gather
from components.reranker.options import RerankerOptions
from components.reranker.train import declared_shares, train_reranker


def train_rerankers(
    lists: Iterable[HypothesisList],
    domain_of: Mapping[str, str],
    options: RerankerOptions,
    *,
    shares: Mapping[str, float] | None = None,
    only: frozenset[str] | None = None,
) -> dict[str, Reranker]:
    """A re-ranker for each domain that has hypotheses in the lists. Each is trained by itself.

    Args:
        lists: Of the `rank` split, which no earlier stage has learnt from.
        domain_of: Skill id to domain.
        shares: The declared priors by domain, as an earlier run found them; None: those of these lists. A
            domain that `shares` lacks takes that of these lists.
        only: These domains alone; None: all.
    """
    readings = gather(lists, domain_of)
    declared = {**declared_shares(readings), **(shares or {})}
    return {
        domain: train_reranker(mine, own_share=declared[domain], options=options)
        for domain, mine in sorted(readings.items())
        if only is None or domain in only
    }


def put(folder: Path, reranker: Reranker, lineage: Mapping[str, str] | None = None) -> None:
    """Writes a re-ranker into the `arbiter.json` of its domain's version folder.

    A folder that is served is never written to: this is for one that is still being made.

    Args:
        lineage: Added to the manifest's.

    Raises:
        ValueError: The folder is no domain's.
    """
    manifest = read_manifest(folder)
    if manifest.kind != "domain":
        raise ValueError(f"`folder` must be a domain's version folder. Received: {folder}, a {manifest.kind}")
    lineage = {**manifest.lineage, **(lineage or {})}
    write_manifest(folder, msgspec.structs.replace(manifest, reranker=reranker, lineage=lineage))
