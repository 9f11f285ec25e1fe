"""One change of skills, from the folders of the model it starts from to those of the next one."""

import logging
import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import keras
import msgspec
import numpy as np
import tensorflow as tf

from components.records.artifact_files import CATALOGUE, split_files, split_folder
from components.records.atomic import atomic_write
from components.records.catalogue import Catalogue, read_catalogue, write_catalogue
from components.records.known_words import write_known_words
from components.records.manifest import Manifest
from components.records.named import skill_names
from components.records.skill_change import (
    Add,
    Remove,
    Rename,
    SkillChange,
    changed_lineage,
    merged,
    renamed,
    without,
)
from components.records.version_folder import read_manifest
from components.shortlister.dev_figures import dev_figures
from components.shortlister.expand.add import add_skills
from components.shortlister.expand.dataset import (
    add_examples,
    add_popularity,
    rewrite_examples,
    rewrite_popularity,
)
from components.shortlister.expand.features import FEATURES, Features, load_features, save_features
from components.shortlister.expand.rows import lexicon_of, skill_rows, with_rows
from components.shortlister.export import export
from components.shortlister.lexicon import labelled_rows, lexical_texts
from components.shortlister.list_trust import LIST_TRUST
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.read_corpus import read_corpus, read_texts
from components.shortlister.train import text_encoder
from components.shortlister.training_record import RECORD, WEIGHTS
from components.shortlister.twin.rounding import round_tables

KIND = "shortlister"


class Folders(NamedTuple):
    """What a model consists of: its version folder, and the folders of what it was made and judged with."""

    version: Path
    model_run: Path
    catalogue: Path
    examples: Path
    popularity: Path


def change_skills(
    change: SkillChange, source: Folders, target: Folders, *, lineage: Mapping[str, str] | None = None
) -> Manifest:
    """Writes the model that `change` makes of the one in `source`.

    Old skills keep their weights to the byte; requests are read by the same encoder. The calibration is
    fitted anew to the dev split, except where only a name changed.

    Args:
        change: What is asked for.
        source: The model it starts from, and its data.
        target: Replaced; `version`/saved_model.pb comes last.
        lineage: Goes into the manifest.

    Returns: The manifest that the version folder holds.
    Raises:
        ValueError: The model is no Shortlister, or the change asks for what cannot be.
        FileNotFoundError: The model was trained before features were kept: train it again.
    """
    started = time.perf_counter()
    for folder in target:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
    manifest = read_manifest(source.version)
    if manifest.kind != KIND:
        raise ValueError(f"`kind` of the model must be {KIND!r}. Received: {manifest.kind!r}")
    if not (source.model_run / FEATURES).is_file():
        raise FileNotFoundError(
            f"{source.model_run} has no {FEATURES}: the model was trained before features were kept. "
            "Train it again: arbiter run DATA --workspace WORK"
        )
    options = msgspec.convert(manifest.options, ShortlisterOptions)
    encode = tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)])
    before = read_catalogue(source.catalogue / CATALOGUE)
    network = keras.models.load_model(source.model_run / WEIGHTS)
    features = load_features(source.model_run / FEATURES)
    if isinstance(change, Add):
        trust = manifest.metrics.get(LIST_TRUST, 0.0)
        after, network, features = _add(change, before, network, features, encode, options, trust)
        add_examples(source.examples, Path(change.folder), target.examples)
        add_popularity(source.popularity, Path(change.folder), target.popularity)
    else:
        after, network, features = _rewrite(change, before, network, features)
        rewrite_examples(source.examples, change, target.examples)
        rewrite_popularity(source.popularity, change, target.popularity)
    round_tables(network, options.storage)
    fitted = time.perf_counter()
    write_catalogue(target.catalogue / CATALOGUE, after)
    manifest = msgspec.structs.replace(
        manifest,
        skill_ids=after.skill_ids,
        domains=tuple(skill.domain for skill in after),
        names=skill_names(after),
        catalogue_hash=after.hash(),
        lineage=changed_lineage(
            {**manifest.lineage, **(lineage or {})}, change, before.skill_ids, after.skill_ids
        ),
    )
    if not isinstance(change, Rename):
        manifest = _calibrated(manifest, network, target.examples, encode, options)
    network.save(target.model_run / WEIGHTS)
    save_features(target.model_run / FEATURES, features)
    seconds = {"fit": fitted - started, "calibrate": time.perf_counter() - fitted}
    _write_record(source.model_run, target.model_run, manifest, seconds)
    write_known_words(target.version, read_texts(split_files(target.examples, "train")))
    export(
        network,
        text_encoder(options),
        manifest,
        target.version,
        storage=options.storage,
    )
    return manifest


def _add(
    change: Add,
    before: Catalogue,
    network: Network,
    features: Features,
    encode: Callable[[Any], dict[str, Any]],
    options: ShortlisterOptions,
    trust: float,
) -> tuple[Catalogue, Network, Features]:
    added = read_catalogue(Path(change.folder, CATALOGUE))
    after = merged(before, added)
    files = sorted(split_folder(Path(change.folder), "train").glob("*.gz"))
    requests = read_corpus(files, after.skill_ids, encode)
    rows, new = add_skills(network, features, tuple(added), requests, encode, options=options, trust=trust)
    lexicon = lexicon_of(network)
    if lexicon is not None:
        asked = labelled_rows(read_texts(files), requests)
        texts = lexical_texts(tuple(added), asked, encode, first=len(before))
        lexicon = lexicon.joined(texts, old=len(before), new=len(added))
    return after, with_rows(network, skill_rows(network).joined(rows), lexicon), features.joined(new)


def _rewrite(
    change: Remove | Rename, before: Catalogue, network: Network, features: Features
) -> tuple[Catalogue, Network, Features]:
    if isinstance(change, Rename):
        return renamed(before, change), network, features
    after = without(before, change)
    gone = frozenset(change.skill_ids)
    is_gone = np.array([skill_id in gone for skill_id in before.skill_ids])
    rows = skill_rows(network).take(np.flatnonzero(~is_gone))
    lexicon = lexicon_of(network)
    if lexicon is not None:
        lexicon = lexicon.without(np.flatnonzero(is_gone), old=len(before))
    return after, with_rows(network, rows, lexicon), features.without(np.flatnonzero(is_gone))


def _calibrated(
    manifest: Manifest,
    network: Network,
    examples: Path,
    encode: Callable[[Any], dict[str, Any]],
    options: ShortlisterOptions,
) -> Manifest:
    """The manifest with the calibration and the refusal that the dev split gives the changed model."""
    dev = read_corpus(split_files(examples, "dev"), manifest.skill_ids, encode)
    figures = dev_figures(
        Scorer(network, skills=network.skills),
        dev,
        false_acceptance=options.false_acceptance,
        certainty=options.certainty,
    )
    return msgspec.structs.replace(
        manifest,
        calibration=figures.calibration,
        refusal=figures.refusal,
        no_refusal=figures.no_refusal,
        metrics={
            **figures.metrics,
            **{name: value for name, value in manifest.metrics.items() if name == LIST_TRUST},
        },
    )


def _write_record(source: Path, target: Path, manifest: Manifest, seconds: Mapping[str, float]) -> None:
    """training.json: the training's own, with the figures and the seconds of this change."""
    record: dict[str, Any] = msgspec.json.decode((source / RECORD).read_bytes())
    record["metrics"] = manifest.metrics
    record["changes"] = [
        *record.get("changes", ()),
        {
            "skills": len(manifest.skill_ids),
            "seconds": {name: round(value, 3) for name, value in seconds.items()},
        },
    ]
    atomic_write(target / RECORD, msgspec.json.format(msgspec.json.encode(record), indent=1))
    logging.getLogger(__name__).info("change of skills: %s", record["changes"][-1])
