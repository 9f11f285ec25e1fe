"""One training, from the files it reads to the folders it leaves."""

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from components.records.catalogue import Catalogue
from components.records.invocation import InvocationIndex
from components.records.known_words import write_known_words
from components.records.manifest import Manifest
from components.records.named import skill_names
from components.records.training_versions import training_versions
from components.shortlister.dev_figures import dev_figures
from components.shortlister.expand.features import FEATURES, save_features
from components.shortlister.expand.gather import gather
from components.shortlister.expand.rows import with_lexicon
from components.shortlister.export import export
from components.shortlister.learn import learn
from components.shortlister.learning_loop.artifacts import LoopFolders
from components.shortlister.lexicon import labelled_rows, lexical_texts
from components.shortlister.list_trust import LIST_TRUST, trust_lists
from components.shortlister.named_confidence import named_confidence
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.read_corpus import read_texts
from components.shortlister.training_data import read_training_data
from components.shortlister.training_key import training_key
from components.shortlister.training_record import WEIGHTS, write_record
from components.shortlister.twin.rounding import round_tables
from components.shortlister.warm_start import Parent, WarmStart, trained_options, warm_start


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
    parent: Parent | None = None,
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
        parent: A model of the same dataset before it grew, to go on from where the options allow it.
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
    allowed = parent if options.warm_start and options.teacher == "none" else None
    like = None if allowed is None else trained_options(allowed)
    data = read_training_data(examples, catalogue, options, like=like)
    options, corpus = data.options, data.corpus
    learnable = data.dev.learnable_from(corpus)
    encoded = time.perf_counter()
    read = [*data.train_files, *data.dev_files, *map(Path, options.teacher_files)]
    warm = WarmStart(None, "no earlier model" if parent is None else "not asked for")
    if allowed is not None:
        read.append(allowed.model_run / WEIGHTS)
        warm = warm_start(allowed, catalogue.skill_ids, options)
    kept = None if checkpoints is None else checkpoints / training_key(read, catalogue.hash(), options)

    learned = learn(
        data,
        learnable,
        catalogue,
        run_folder=run_folder,
        kept=kept,
        loop_folders=loop_folders,
        warm=warm,
        report=report,
    )
    training = learned.training
    if options.lexical:
        asked = labelled_rows(read_texts(data.train_files), data.asked)
        texts = lexical_texts(tuple(catalogue), asked, data.encode)
        training.network = with_lexicon(training.network, texts, scale=options.lexical)
    list_trust = trust_lists(training.network, learnable)
    trained = time.perf_counter()
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
            named_confidence([*data.train_files, *data.dev_files], InvocationIndex(catalogue))
            if names
            else None
        ),
        catalogue_hash=catalogue.hash(),
        lineage={
            **(lineage or {}),
            **training_versions(),
            "seed": str(options.seed),
            "warm_start": warm.words,
        },
        options=msgspec.json.decode(msgspec.json.encode(options)),
        metrics={
            **figures.metrics,
            "dev_unseen_skill_requests": float(len(data.dev) - len(learnable)),
            LIST_TRUST: list_trust,
        },
    )
    save_features(run_folder / FEATURES, gather(training.network, corpus, tuple(catalogue), data.encode))
    seconds = {"read": encoded - started, "train": trained - encoded}
    rows = {"requests": data.teaching, "catalogue_rows": len(corpus.teaching) - data.teaching}
    write_record(run_folder, learned, manifest, rows=rows, seconds=seconds)
    write_known_words(version_folder, read_texts(data.train_files))
    export(
        training.network,
        data.encoder,
        manifest,
        version_folder,
        storage=options.storage,
    )
    if checkpoints is not None:
        shutil.rmtree(checkpoints, ignore_errors=True)
    return manifest
