"""The re-rankers of all domains that have a model, from the artifacts they read to those they leave."""

import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from components.records.catalogue import Catalogue
from components.records.hypothesis_examples import read_hypothesis_lists
from components.records.reliability import SERVED, Reliability, in_words, write_reliability
from components.records.reranker import Reranker
from components.records.version_folder import MANIFEST, read_manifest
from components.reranker.compare import answers, judgeable
from components.reranker.gather import gather
from components.reranker.options import RerankerOptions
from components.reranker.reliability import curves
from components.reranker.run import put
from components.reranker.train import declared_shares, train_every_loss

_RANK = "rank"


def train_all(
    hypotheses: Path,
    domain_models: Path,
    catalogue: Catalogue,
    options: RerankerOptions,
    *,
    models: Path,
    reliability: Path,
    lineage: Mapping[str, str] | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Reliability:
    """Trains a re-ranker for each domain of `domain_models`, each by itself, on Split-rank.

    The curves are of `options.split`, to which nothing is fitted: an answer is the best hypothesis of a
    request among these domains, and its confidence the re-ranker's. An update of one domain thus draws that
    domain's answers alone. A domain without a list gets no re-ranker.

    Args:
        hypotheses: Of Hypothesize: judged lists of rank and of `options.split`.
        domain_models: A version folder for each domain.
        models: Gets a copy of each with its re-ranker; a copy is there whole or not at all.
        reliability: Gets `reliability.json`.
        lineage: Goes into the manifests.
        report: Told one line per domain.

    Returns: What `reliability` holds.

    Raises:
        FileNotFoundError: The lists lack a split.
        ValueError: A folder is no domain's.
    """
    folders = {
        read_manifest(path.parent).domains[0]: path.parent
        for path in sorted(domain_models.glob(f"*/{MANIFEST}"))
    }
    domain_of = {skill.skill_id: skill.domain for skill in catalogue}
    readings = gather(read_hypothesis_lists(hypotheses, _RANK), domain_of)
    shares = declared_shares(readings)
    fitted = {
        domain: train_every_loss(readings[domain], own_share=shares[domain], options=options)
        for domain in folders
        if domain in readings
    }
    judged = gather(judgeable(read_hypothesis_lists(hypotheses, options.split)), domain_of)
    found = Reliability(
        split=options.split,
        curves=tuple(curves(answers(judged, fitted), dict(enumerate(fitted)))),
        weights={domain: in_words(by_loss[SERVED]) for domain, by_loss in fitted.items()},
        without_lists=tuple(domain for domain in folders if domain not in fitted),
    )
    for domain, folder in folders.items():
        reranker = fitted[domain][SERVED] if domain in fitted else None
        _copy(folder, models / folder.name, reranker, lineage or {})
        words = "no list to learn from" if reranker is None else "; ".join(reranker.in_words()[:3])
        report(f"{domain}: {words}")
    write_reliability(reliability, found)
    return found


def _copy(source: Path, target: Path, reranker: Reranker | None, lineage: Mapping[str, str]) -> None:
    draft = target.with_name(f".draft-{target.name}")
    for leftover in (draft, target):
        shutil.rmtree(leftover, ignore_errors=True)
    shutil.copytree(source, draft)
    if reranker is not None:
        put(draft, reranker, lineage)
    os.rename(draft, target)
