"""Hypothesis lists on Beam: labelled examples in, the same examples with their judged hypotheses out.

In: Split-<name>/*.gz. Out: Split-<name>/hypotheses-*.gz. Counters: hypothesize/*.
"""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import apache_beam as beam
from apache_beam.metrics import Metrics
from apache_beam.utils.shared import Shared

from components.records.examples import decode, request_from
from components.records.hypothesis_examples import hypothesis_values
from components.records.judge import judged, reference_frame
from components.records.shortlister_signature import SHORTLISTER
from components.records.wire import encode_entries, entries_of, example
from components.router.answer_files import AnswerFile, Output, answer_splits
from components.router.hypothesize import hypothesize

HYPOTHESES = "hypotheses"


class HypothesizeFile(AnswerFile):
    """A file of labelled examples → the same with the features of their hypothesis lists.

    Args:
        folders, shared: As `AnswerFile` has them.
        k: Candidates of a request.
    """

    def __init__(self, folders: Mapping[str, Path], k: int, shared: Shared) -> None:
        super().__init__(folders, shared)
        self._k = k
        self._requests = Metrics.counter("hypothesize", "requests")
        self._hypotheses = Metrics.counter("hypothesize", "hypotheses")

    def setup(self) -> None:
        super().setup()
        self._domains = self._models.current(SHORTLISTER).domains

    def answers(self, batch: Sequence[bytes]) -> Iterable[bytes]:
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
    answer = HypothesizeFile(folders, k, Shared())
    answer_splits(pipeline, examples, Output(out, HYPOTHESES), answer, splits=splits)
