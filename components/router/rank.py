"""Batch prediction on Beam: labelled examples in, the same examples with their predictions out."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.utils.shared import Shared

from components.records.examples import decode, prediction_values, request_from
from components.records.wire import encode_entries, entries_of, example
from components.router.answer_files import AnswerFile, Output, answer_splits
from components.router.compose import compose

PREDICTIONS = "predictions"


class RankFile(AnswerFile):
    """A file of labelled examples → the same with the features of their predictions.

    Args:
        folders, shared: As `AnswerFile` has them.
        top: Skills per prediction.
    """

    def __init__(self, folders: Mapping[str, Path], top: int, shared: Shared) -> None:
        super().__init__(folders, shared)
        self._top = top
        self._ranked = Metrics.counter("rank", "requests")

    def answers(self, batch: Sequence[bytes]) -> Iterable[bytes]:
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
    answer = RankFile(folders, top, Shared())
    answer_splits(pipeline, examples, Output(out, PREDICTIONS), answer, splits=splits)
