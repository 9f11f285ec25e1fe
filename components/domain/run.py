"""The training of one domain's model, from the files it reads to the folders it leaves."""

import shutil
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from components.domain.calibrate import Calibrated, calibrate
from components.domain.corpus import domain_corpus
from components.domain.dev_figures import dev_figures
from components.domain.export import export
from components.domain.options import DomainOptions
from components.domain.read import Sample, read_sample
from components.domain.train import Trained, build_network, encoder_settings, train_network
from components.domain.warm_start import RECORD, WEIGHTS, Parent, WarmStart, warm_start
from components.domain.write_twin import round_table
from components.records.atomic import atomic_write
from components.records.catalogue import Catalogue
from components.records.domain_schema import domain_schema
from components.records.manifest import Calibration, Manifest
from components.records.training_versions import training_versions

KIND = "domain"
LOG = "training.log"
_WARMUPS = 2


def train_domain(
    examples: Path,
    catalogue: Catalogue,
    domain: str,
    options: DomainOptions,
    *,
    version_folder: Path,
    run_folder: Path,
    lineage: Mapping[str, str] | None = None,
    parent: Parent | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Manifest | None:
    """Trains on `examples`/Split-train, calibrates by Split-dev, writes the model and its record.

    Dev requests whose skill train never shows are left out, and counted.

    Args:
        examples: The Label node's output.
        catalogue: All skills.
        domain: Whose model it is.
        version_folder: Replaced by the servable model; `saved_model.pb` comes last.
        run_folder: Replaced by training.log, network.keras and, last, training.json.
        lineage: Goes into the manifest.
        parent: The domain's model before the dataset grew, to go on from where the options allow it.
        report: Told one line per epoch.

    Returns: The manifest that the version folder holds; None, and no folder, for a domain of which train has
        no request.

    Raises:
        ValueError: No skill is of the domain.
        FileNotFoundError: A split is missing.
    """
    for folder in (version_folder, run_folder):
        shutil.rmtree(folder, ignore_errors=True)
    started = time.perf_counter()
    domains = {skill.skill_id: skill.domain for skill in catalogue}
    train, dev = (read_sample(examples, split, domains, domain, options) for split in ("train", "dev"))
    schema = domain_schema(domain, catalogue, no_intent=_lacks_intent(train))
    if not train.own:
        return None
    shown = {labelled.label.skill_id for labelled in train.own}
    own = [labelled for labelled in dev.own if labelled.label.skill_id in shown]
    settings = encoder_settings(options)
    corpus = domain_corpus([*train.own, *train.foreign], schema, settings)
    judged = domain_corpus([*own, *dev.foreign], schema, settings)
    read = time.perf_counter()
    run_folder.mkdir(parents=True, exist_ok=True)
    with (run_folder / LOG).open("w", encoding="utf-8") as log:

        def tell(line: str) -> None:
            print(line, file=log, flush=True)
            report(f"{domain}: {line}")

        network = build_network(corpus, schema, options)
        warm = WarmStart(False, "no earlier model" if parent is None else "not asked for")
        if parent is not None and options.warm_start:
            warm = warm_start(network, schema, corpus.all_slots, parent)
        tell(f"warm start: {warm.words}")
        trained = train_network(network, corpus, judged, schema, options, warm=warm.taken, report=tell)
    round_table(trained.network, options.storage)
    calibrated = calibrate(trained.answers, judged, schema, prior=options.prior)
    manifest = Manifest(
        kind=KIND,
        skill_ids=schema.skill_ids,
        domains=(domain,) * len(schema.skill_ids),
        calibration=Calibration(),
        intents=schema.in_names(),
        prior=options.prior,
        catalogue_hash=catalogue.hash(),
        lineage={
            **(lineage or {}),
            **training_versions(),
            "seed": str(options.seed),
            "warm_start": warm.words,
        },
        options=msgspec.json.decode(msgspec.json.encode(options)),
        metrics={
            **dev_figures(trained.answers, judged, schema),
            "dev_unseen_skill_requests": float(len(dev.own) - len(own)),
        },
    )
    trained_at = time.perf_counter()
    export(
        trained.network,
        settings,
        schema,
        manifest,
        version_folder,
        warmup=[labelled.label.text for labelled in train.own[:_WARMUPS]],
        storage=options.storage,
    )
    seconds = {
        "read": read - started,
        "train": trained_at - read,
        "export": time.perf_counter() - trained_at,
    }
    begun = {"warm": warm.taken, "warm_start": warm.words, "all_slots": corpus.all_slots}
    _write_record(run_folder, trained, calibrated, manifest, train, begun, seconds=seconds)
    return manifest


def _lacks_intent(train: Sample) -> bool:
    """Whether a request, annotated with a skill of the domain, has no intent."""
    return any(each.request.skill_id == each.label.skill_id and not each.request.intent for each in train.own)


def _write_record(
    folder: Path,
    trained: Trained,
    calibrated: Calibrated,
    manifest: Manifest,
    train: Sample,
    begun: Mapping[str, Any],
    *,
    seconds: Mapping[str, float],
) -> None:
    """The weights, then training.json, so that the record stands for a complete folder."""
    trained.network.save(folder / WEIGHTS)
    record: dict[str, Any] = {
        "epochs": trained.losses,
        **begun,
        "own": len(train.own),
        "foreign": len(train.foreign),
        "all_own": train.all_own,
        "all_foreign": train.all_foreign,
        "parameters": trained.network.count_params(),
        "calibration": calibrated,
        "seconds": {name: round(value, 3) for name, value in seconds.items()},
        "options": manifest.options,
        "versions": training_versions(),
        "metrics": manifest.metrics,
    }
    atomic_write(folder / RECORD, msgspec.json.format(msgspec.json.encode(record), indent=1))
