"""Every domain's model as one Beam step; one domain alone by the same code.

In: domain names. Out: one folder per domain in the models' and in the runs' folder. Counters: domain/*.
"""

import logging
import os
import secrets
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import apache_beam as beam
import msgspec
from apache_beam.metrics import Metrics

from components.domain.options import DomainOptions
from components.records.atomic import atomic_write
from components.records.catalogue import read_catalogue
from components.records.domain_signature import domain_model

REPORT = "report.json"
_DRAFTS = ".drafts"


class DomainReport(msgspec.Struct, frozen=True, kw_only=True):
    """What came of one domain.

    Attributes:
        folder: Its folder in the models' folder; absent where train has no request of the domain.
        metrics: Those of its manifest.
    """

    domain: str
    folder: str | None = None
    metrics: dict[str, float] = {}


class TrainDomain(beam.DoFn):
    """A domain's name → its `DomainReport`; the model's folders are written beside.

    Args:
        examples: The Label node's output.
        catalogue: The catalogue's file.
        options: Of every training.
        models, runs: Where the folders go, `domain-<slug>/`.
        lineage: Goes into every manifest.
        parents: Of earlier trainings the models' and the runs' folder, by the name of each model to go on
            from.

    A worker that was given up for lost may train a domain beside the one that took its place: each has a
    draft of its own in the runs' folder, and the first to finish is kept.
    """

    def __init__(
        self,
        examples: str,
        catalogue: str,
        options: DomainOptions,
        models: str,
        runs: str,
        lineage: Mapping[str, str],
        parents: Mapping[str, tuple[str, str]],
    ) -> None:
        self._examples, self._catalogue, self._options = examples, catalogue, options
        self._models, self._runs, self._lineage, self._parents = models, runs, lineage, parents
        self._trained = Metrics.counter("domain", "trained")
        self._without_requests = Metrics.counter("domain", "without_requests")

    def setup(self) -> None:
        _one_thread()

    def process(self, domain: str) -> Iterable[DomainReport]:
        from components.domain.run import train_domain  # TensorFlow, where the work is done
        from components.domain.warm_start import Parent

        folder = domain_model(domain)
        parent = self._parents.get(folder)
        draft = Path(self._runs) / _DRAFTS / secrets.token_hex(8)
        manifest = train_domain(
            Path(self._examples),
            read_catalogue(Path(self._catalogue)),
            domain,
            self._options,
            version_folder=draft / "model" / folder,
            run_folder=draft / "run" / folder,
            lineage=self._lineage,
            parent=None if parent is None else Parent(*(Path(each) / folder for each in parent)),
            report=logging.getLogger(__name__).info,
        )
        if manifest is None:
            self._without_requests.inc()
            yield DomainReport(domain=domain)
        else:
            _put(draft / "run" / folder, Path(self._runs) / folder)
            _put(draft / "model" / folder, Path(self._models) / folder)
            self._trained.inc()
            yield DomainReport(domain=domain, folder=folder, metrics=manifest.metrics)


def train_domains(
    pipeline: beam.Pipeline,
    *,
    domains: Sequence[str],
    examples: Path,
    catalogue: Path,
    options: DomainOptions,
    models: Path,
    runs: Path,
    lineage: Mapping[str, str] | None = None,
    parents: Mapping[str, tuple[str, str]] | None = None,
) -> None:
    """Adds to `pipeline`: the training of `domains`, and `runs`/report.json, one `DomainReport` each, sorted.

    Args:
        parents: As `TrainDomain` has them.

    Raises:
        ValueError: `domains` is empty or names one twice.
    """
    if not domains or len(set(domains)) != len(domains):
        raise ValueError(f"`domains` must name each domain once, and one at least. Received: {domains}")
    train = TrainDomain(
        str(examples), str(catalogue), options, str(models), str(runs), lineage or {}, parents or {}
    )
    (
        pipeline
        | "Domains" >> beam.Create(list(domains))
        | "Spread" >> beam.Reshuffle()
        | "Train" >> beam.ParDo(train)
        | "Gather" >> beam.combiners.ToList()
        | "Report" >> beam.Map(_write_report, str(runs / REPORT))
    )


def read_report(runs: Path) -> list[DomainReport]:
    """What `train_domains` wrote."""
    return msgspec.json.decode((runs / REPORT).read_bytes(), type=list[DomainReport])


def _put(draft: Path, folder: Path) -> None:
    folder.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.rename(draft, folder)
    except OSError:
        if not folder.is_dir():
            raise
        shutil.rmtree(draft)


def _write_report(reports: Sequence[DomainReport], path: str) -> None:
    ordered = sorted(reports, key=lambda report: report.domain)
    shutil.rmtree(Path(path).with_name(_DRAFTS), ignore_errors=True)
    atomic_write(Path(path), msgspec.json.format(msgspec.json.encode(ordered), indent=1))


def _one_thread() -> None:
    """Keeps TensorFlow to one thread, unless it runs already: the domains are what runs side by side."""
    import tensorflow as tf

    try:
        tf.config.threading.set_intra_op_parallelism_threads(1)
        tf.config.threading.set_inter_op_parallelism_threads(1)
    except RuntimeError:
        return
