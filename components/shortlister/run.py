"""One training, from the files it reads to the folders it leaves."""

import platform
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import keras
import msgspec
import numpy as np
import tensorflow as tf

from components.records.artifact_files import split_files
from components.records.atomic import atomic_write
from components.records.catalogue import Catalogue
from components.records.invocation import InvocationIndex
from components.records.manifest import Manifest
from components.records.named import skill_names
from components.shortlister.catalogue_text import TextRow, catalogue_corpus, catalogue_rows, expected_rows
from components.shortlister.dev_figures import dev_figures
from components.shortlister.distil.pretrain import (
    FINISH,
    ask_teacher,
    finishing,
    further_texts,
    once,
    pretrained,
)
from components.shortlister.expand.features import FEATURES, save_features
from components.shortlister.expand.gather import gather
from components.shortlister.export import export
from components.shortlister.learning_loop.artifacts import LoopFolders, request_ids, write_artifacts
from components.shortlister.learning_loop.counts import write_counts
from components.shortlister.learning_loop.loop import SECOND, Learned, Loop
from components.shortlister.list_trust import LIST_TRUST, trust_lists
from components.shortlister.named_confidence import named_confidence
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import Epoch
from components.shortlister.predict import Scorer
from components.shortlister.read_corpus import count_examples, read_corpus, read_texts
from components.shortlister.train import text_encoder
from components.shortlister.training_key import training_key
from components.shortlister.twin.rounding import round_tables

RECORD = "training.json"
WEIGHTS = "network.keras"
LOG = "training.log"
EVENTS = "tensorboard"
_ABOVE = "above_label"
_TAUGHT = "taught.npz"
WARMUP = ("play some music", "what will the weather be like on the way to the airport tomorrow morning")


def train_shortlister(
    examples: Path,
    catalogue: Catalogue,
    options: ShortlisterOptions,
    *,
    version_folder: Path,
    run_folder: Path,
    lineage: Mapping[str, str] | None = None,
    checkpoints: Path | None = None,
    loop_folders: LoopFolders | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Manifest:
    """Trains on `examples`/Split-train, stops and calibrates by Split-dev, writes the model and its record.

    Dev requests whose skill train never shows are left out of both, and counted.

    Args:
        examples: The Label node's output.
        catalogue: All skills; row order of the model.
        options: Sizes that are None are chosen by the number of training requests.
        version_folder: Replaced by the servable model; `saved_model.pb` comes last.
        run_folder: Replaced by training.log, TensorBoard's event files, network.keras (to train on from),
            features.npz (to add skills from) and, last, training.json.
        lineage: Goes into the manifest.
        checkpoints: A folder that outlives a killed run: the same training goes on from what it finds there,
            with the same result. Emptied at the end. None keeps nothing.
        loop_folders: Where the learning loop's artifacts go; None writes none.
        report: Told one line per epoch.

    Returns: The manifest that the version folder holds.

    Raises:
        ValueError: There is no labelled training request.
        FileNotFoundError: A split is missing, or a file of further texts.
        TeacherMissingError: A teacher's packages are not installed.
    """
    for folder in (version_folder, run_folder):
        shutil.rmtree(folder, ignore_errors=True)
    run_folder.mkdir(parents=True, exist_ok=True)
    started = time.perf_counter()
    train_files, dev_files = (split_files(examples, split) for split in ("train", "dev"))
    requests = count_examples(train_files)
    further = expected_rows(len(catalogue), requests) if options.catalogue_weight else 0
    options = options.sized(requests + further)
    encoder = text_encoder(options)
    encode = tf.function(encoder, input_signature=[tf.TensorSpec([None], tf.string)])
    corpus, dev = (read_corpus(files, catalogue.skill_ids, encode) for files in (train_files, dev_files))
    own = len(corpus.teaching)
    made: list[TextRow] = []
    if options.catalogue_weight:
        made = catalogue_rows(list(catalogue), corpus, seed=options.seed)
        corpus = corpus.join(
            catalogue_corpus(made, corpus, encode, weight=options.catalogue_weight, seed=options.seed)
        )
    learnable = dev.learnable_from(corpus)
    encoded = time.perf_counter()
    read = [*train_files, *dev_files, *map(Path, options.teacher_files)]
    kept = None if checkpoints is None else checkpoints / training_key(read, catalogue.hash(), options)

    with (run_folder / LOG).open("w", encoding="utf-8") as log:

        def tell(line: str) -> None:
            print(line, file=log, flush=True)
            report(line)

        def taught() -> Network:
            lessons = ask_teacher(
                [*read_texts(train_files), *(row.text for row in made)],
                corpus,
                skills=len(catalogue),
                options=options,
                further=further_texts(catalogue, options),
                encode=encode,
                report=tell,
            )
            return pretrained(lessons, skills=len(catalogue), options=options, report=tell)

        start = None
        if options.teacher != "none":
            weights = None if kept is None else kept / _TAUGHT
            start = once(taught, weights, skills=len(catalogue), options=options)
        above = (kept or run_folder) / _ABOVE
        learned = Loop(
            corpus,
            learnable,
            requests=requests,
            promised=dev,
            skills=len(catalogue),
            options=options,
            start=start,
            epochs=above,
            checkpoints=kept,
            log_dir=run_folder / EVENTS,
            report=lambda epoch: tell(_line(epoch, options)),
        ).run()
    training = learned.training
    list_trust = trust_lists(training.network, learnable)
    trained = time.perf_counter()
    if loop_folders is not None:
        write_artifacts(
            learned,
            corpus,
            options.learning_loop,
            ids=request_ids(train_files),
            skill_ids=catalogue.skill_ids,
            epochs=above,
            folders=loop_folders,
        )
        write_counts(loop_folders, run_folder / EVENTS)
    if kept is None:
        shutil.rmtree(above, ignore_errors=True)
    round_tables(training.network, options.storage)
    figures = dev_figures(
        Scorer(training.network, skills=len(catalogue)),
        learnable,
        false_acceptance=options.false_acceptance,
        certainty=options.certainty,
    )
    names = skill_names(catalogue)
    manifest = Manifest(
        kind="shortlister",
        skill_ids=catalogue.skill_ids,
        domains=tuple(skill.domain for skill in catalogue),
        calibration=figures.calibration,
        refusal=figures.refusal,
        no_refusal=figures.no_refusal,
        names=names,
        named_confidence=(
            named_confidence([*train_files, *dev_files], InvocationIndex(catalogue)) if names else None
        ),
        catalogue_hash=catalogue.hash(),
        lineage={**(lineage or {}), **_versions(), "seed": str(options.seed)},
        options=msgspec.json.decode(msgspec.json.encode(options)),
        metrics={
            **figures.metrics,
            "dev_unseen_skill_requests": float(len(dev) - len(learnable)),
            LIST_TRUST: list_trust,
        },
    )
    save_features(run_folder / FEATURES, gather(training.network, corpus, tuple(catalogue), encode))
    seconds = {"read": encoded - started, "train": trained - encoded}
    rows = {"requests": own, "catalogue_rows": len(corpus.teaching) - own}
    _write_record(run_folder, learned, manifest, rows=rows, seconds=seconds)
    export(
        training.network,
        encoder,
        manifest,
        version_folder,
        warmup=[(text, catalogue.skill_ids[:n]) for n, text in enumerate(WARMUP)],
        storage=options.storage,
    )
    if checkpoints is not None:
        shutil.rmtree(checkpoints, ignore_errors=True)
    return manifest


def _line(epoch: Epoch, options: ShortlisterOptions) -> str:
    dev = "" if epoch.dev_top1 is None else f"  dev top-1 {epoch.dev_top1:.4f}"
    name = "" if epoch.phase == "train" else f"{epoch.phase}: "
    own = {SECOND: options.learning_loop.epochs, FINISH: finishing(options).epochs}
    last = own.get(epoch.phase, options.epochs)
    return (
        f"{name}epoch {epoch.epoch}/{last}  loss {epoch.loss:.4f}{dev}  "
        f"{epoch.seconds:.1f} s  {epoch.requests_per_second:.0f} requests/s"
    )


def _write_record(
    folder: Path,
    learned: Learned,
    manifest: Manifest,
    *,
    rows: Mapping[str, int],
    seconds: Mapping[str, float],
) -> None:
    """The weights, then training.json, so that the record stands for a complete folder."""
    training = learned.training
    training.network.save(folder / WEIGHTS)
    record: dict[str, Any] = {
        "epochs": learned.epochs,
        "best_phase": training.epochs[training.best_epoch - 1].phase,
        "best_epoch": training.best_epoch,
        "resumed_from": training.resumed_from,
        "precision": training.precision,
        "replicas": training.replicas,
        **rows,
        "parameters": training.network.count_params(),
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "requests_per_second": float(np.mean([epoch.requests_per_second for epoch in learned.epochs])),
        "seed": training.options.seed,
        "options": training.options,
        "versions": _versions(),
        "metrics": manifest.metrics,
    }
    atomic_write(folder / RECORD, msgspec.json.format(msgspec.json.encode(record), indent=1))


def _versions() -> dict[str, str]:
    return {
        "python": platform.python_version(),
        "tensorflow": tf.__version__,
        "keras": keras.__version__,
        "numpy": np.__version__,
    }
