"""One training of HypRank, from re-ranked lists to the version folder."""

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from components.hyprank.calibrate import dev_figures
from components.hyprank.export import export
from components.hyprank.gather import rank_lists, skill_table
from components.hyprank.options import HypRankOptions
from components.hyprank.pseudo_labels import pseudo_labelled
from components.hyprank.train import Epoch, build_network, scored, train
from components.hyprank.training_record import line_of, write_record
from components.hyprank.warm_start import WarmStart, warm_start
from components.records.catalogue import Catalogue
from components.records.hypothesis_list import HypothesisList
from components.records.hyprank.features import FEATURES, SHORTLISTER, VECTORS
from components.records.hyprank.rank import HYPRANK
from components.records.manifest import Manifest
from components.records.training_versions import training_versions


def train_hyprank(
    rank: Sequence[HypothesisList],
    dev: Sequence[HypothesisList],
    catalogue: Catalogue,
    counts: Mapping[str, int],
    options: HypRankOptions,
    *,
    version_folder: Path,
    run_folder: Path | None = None,
    candidates: int | None = None,
    lineage: Mapping[str, str] | None = None,
    parent: Path | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Manifest:
    """Trains on `rank`, stops and calibrates by `dev`, writes the model and its record.

    Args:
        rank: Re-ranked lists of requests that no base model has learnt from.
        dev: Re-ranked lists of the dev split.
        catalogue: All skills; rows of the skill table.
        counts: How often each skill is right in train.
        version_folder: Replaced by the servable model; `saved_model.pb` comes last.
        run_folder: Replaced by training.log, network.keras and, last, training.json; None: no record.
        candidates: How many of the Shortlister's candidates the lists were made of.
        lineage: Goes into the manifest.
        parent: What the training of an earlier HypRank left, before the dataset grew, to go on from where the
            options allow it.
        report: Told one line per epoch.

    Returns: The manifest that the version folder holds.

    Raises:
        ValueError: No list of `rank` has a right answer.
    """
    started = time.perf_counter()
    table = skill_table(catalogue, counts)
    pseudo = None
    if options.pseudo_labels:
        domain_of = {skill.skill_id: skill.domain for skill in catalogue}
        rank, pseudo = pseudo_labelled(rank, dev, counts, domain_of, likely=options.likely)
        report(f"pseudo-labels: {pseudo.labels} in {pseudo.requests} of {len(rank)} lists")
    lists, dev_lists = rank_lists(rank, catalogue), rank_lists(dev, catalogue)
    answered = int((lists.right & lists.mask).any(axis=1).sum())
    if not answered:
        raise ValueError(
            "`rank` must have a list with a right answer for HypRank to learn from. Received: none among "
            f"{len(lists)} lists: no request of the split is labelled, or none has its skill in its list."
        )
    read = time.perf_counter()

    def tell(epoch: Epoch) -> None:
        report(line_of(epoch, taught))

    key = FEATURES.index(SHORTLISTER)
    network = build_network(lists, table, options, key=key, vectors=VECTORS)
    warm = WarmStart(False, "no earlier model" if parent is None else "not asked for")
    if parent is not None and options.warm_start:
        warm = warm_start(network, parent)
    taught = options.warm() if warm.taken else options
    report(f"warm start: {warm.words}")
    training = train(
        lists,
        dev_lists,
        table,
        taught,
        key=key,
        vectors=VECTORS,
        start=network,
        report=tell,
    )
    figures = dev_figures(scored(training.network, dev_lists, table), dev_lists)
    manifest = Manifest(
        kind=HYPRANK,
        skill_ids=catalogue.skill_ids,
        domains=tuple(skill.domain for skill in catalogue),
        calibration=figures.calibration,
        catalogue_hash=catalogue.hash(),
        candidates=candidates,
        lineage={
            **(lineage or {}),
            **training_versions(),
            "seed": str(options.seed),
            "warm_start": warm.words,
        },
        options=msgspec.to_builtins(options),
        metrics={
            **figures.metrics,
            "rank_lists": float(len(lists)),
            "rank_with_a_right_answer": float(answered),
            "rank_pseudo_labels": float(0 if pseudo is None else pseudo.labels),
            "best_epoch": float(training.best_epoch),
        },
    )
    seconds = {"read": read - started, "train": time.perf_counter() - read}
    for folder in (version_folder, run_folder):
        if folder is not None:
            shutil.rmtree(folder, ignore_errors=True)
    if run_folder is not None:
        write_record(run_folder, training, manifest, taught, pseudo, warm=warm.taken, seconds=seconds)
    export(training.network, table, manifest, figures.none, version_folder)
    return manifest
