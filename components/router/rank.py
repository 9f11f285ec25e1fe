"""Batch prediction on Beam: labelled examples in, the same examples with their predictions out."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.utils.shared import Shared

from components.records.artifact_files import split_files, split_folder
from components.records.examples import decode, prediction_values, request_from
from components.records.wire import encode_entries, entries_of, example
from components.router.compose import compose
from components.router.models import FolderModels

PREDICTIONS = "predictions"
_BATCH = 256


class RankBatch(beam.DoFn):
    """A batch of labelled examples → one example each: its features and those of its prediction.

    The models and the composing code are those of live requests. Each model is loaded once per process.

    Args:
        folders: The models' version folders by the name that they are served by.
        top: Skills per prediction.
        shared: Holds the models for all threads of a process.
    """

    def __init__(self, folders: Mapping[str, Path], top: int, shared: Shared) -> None:
        self._folders = dict(folders)
        self._top = top
        self._shared = shared
        self._ranked = Metrics.counter("rank", "requests")

    def setup(self) -> None:
        self._models = self._shared.acquire(
            lambda: FolderModels(self._folders), tag=str(sorted(self._folders.items()))
        )

    def process(self, batch: Sequence[bytes]) -> Iterable[bytes]:
        requests = [request_from(decode(encoded)) for encoded in batch]
        predictions = compose(self._models, requests, top=self._top)
        for encoded, prediction in zip(batch, predictions, strict=True):
            yield example(entries_of(encoded) + encode_entries(prediction_values(prediction)))
        self._ranked.inc(len(batch))


def rank(
    pipeline: beam.Pipeline,
    examples: Path,
    folders: Mapping[str, Path],
    out: Path,
    *,
    splits: Sequence[str],
    top: int,
) -> None:
    """Adds to `pipeline`: every split of `examples` predicted into `out`/Split-<name>/predictions-*.gz.

    Args:
        examples: Labelled examples, Split-<name>/*.gz.
        folders: The models' version folders by the name that they are served by.
        top: Skills per prediction.

    Raises:
        FileNotFoundError: A split has no files.
    """
    shared = Shared()
    for split in splits:
        source = split_files(examples, split)[0].parent
        (
            pipeline
            | f"Read[{split}]" >> beam.io.ReadFromTFRecord(str(source / "*.gz"))
            | f"Batch[{split}]" >> beam.BatchElements(min_batch_size=_BATCH, max_batch_size=_BATCH)
            | f"Rank[{split}]" >> beam.ParDo(RankBatch(folders, top, shared))
            | f"Write[{split}]"
            >> beam.io.WriteToTFRecord(str(split_folder(out, split) / PREDICTIONS), file_name_suffix=".gz")
        )
