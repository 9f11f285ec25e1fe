"""Hypothesis lists on Beam: labelled examples in, the same examples with their judged hypotheses out.

In: Split-<name>/*.gz. Out: Split-<name>/hypotheses-*.gz. Counters: hypothesize/*.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.utils.shared import Shared

from components.records.artifact_files import split_files, split_folder
from components.records.examples import decode, request_from
from components.records.hypothesis_examples import hypothesis_values
from components.records.judge import judged, reference_frame
from components.records.shortlister_signature import SHORTLISTER
from components.records.wire import encode_entries, entries_of, example
from components.router.hypothesize import hypothesize
from components.router.models import FolderModels

HYPOTHESES = "hypotheses"
_BATCH = 256


class HypothesizeBatch(beam.DoFn):
    """A batch of labelled examples → one example each: its features and those of its hypothesis list.

    The models and the composing code are those of live requests. Each model is loaded once per process.

    Args:
        folders: The models' version folders by the name that they are served by.
        k: Candidates of a request.
        shared: Holds the models for all threads of a process.
    """

    def __init__(self, folders: Mapping[str, Path], k: int, shared: Shared) -> None:
        self._folders, self._k, self._shared = dict(folders), k, shared
        self._requests = Metrics.counter("hypothesize", "requests")
        self._hypotheses = Metrics.counter("hypothesize", "hypotheses")

    def setup(self) -> None:
        self._models = self._shared.acquire(
            lambda: FolderModels(self._folders), tag=str(sorted(self._folders.items()))
        )
        self._domains = self._models.current(SHORTLISTER).domains

    def process(self, batch: Sequence[bytes]) -> Iterable[bytes]:
        requests = [request_from(decode(encoded)) for encoded in batch]
        lists = hypothesize(self._models, requests, k=self._k)
        for encoded, request, listed in zip(batch, requests, lists, strict=True):
            domain = self._domains.get(request.skill_id or "")
            reference = None if domain is None else reference_frame(request, domain)
            values = hypothesis_values(judged(listed, reference))
            self._hypotheses.inc(len(listed.hypotheses))
            yield example(entries_of(encoded) + encode_entries(values))
        self._requests.inc(len(batch))


def hypothesize_splits(
    pipeline: beam.Pipeline,
    examples: Path,
    folders: Mapping[str, Path],
    out: Path,
    *,
    splits: Sequence[str],
    k: int,
) -> None:
    """Adds to `pipeline`: the hypothesis lists of every split, into `out`/Split-<name>/hypotheses-*.gz.

    Args:
        examples: Labelled examples.
        folders: The models' version folders by the name that they are served by.
        splits: None of those that the models were trained on.
        k: Candidates of a request.

    Raises:
        FileNotFoundError: A split has no files.
    """
    shared = Shared()
    for split in splits:
        split_files(examples, split)
        (
            pipeline
            | f"Read[{split}]" >> beam.io.ReadFromTFRecord(str(split_folder(examples, split) / "*.gz"))
            | f"Batch[{split}]" >> beam.BatchElements(min_batch_size=_BATCH, max_batch_size=_BATCH)
            | f"Hypothesize[{split}]" >> beam.ParDo(HypothesizeBatch(folders, k, shared))
            | f"Write[{split}]"
            >> beam.io.WriteToTFRecord(str(split_folder(out, split) / HYPOTHESES), file_name_suffix=".gz")
        )
