"""`arbiter predict`: a file of requests to a file of predictions, line by line in the order read."""

import gzip
import itertools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, TypeVar, cast

from components.records.atomic import atomic_file
from components.records.gzipped import whole_gzip
from components.records.parse import MAX_LINE, to_json
from components.records.prediction import Prediction, Unreadable
from components.records.request import Request
from components.router.backend import workspace_models
from components.router.compose import compose
from components.router.live_request import live_request
from components.router.models import Models

_BATCH = 256
_Item = TypeVar("_Item")


class PredictCounts(NamedTuple):
    """Lines read, and how many of them could not be read as a request."""

    requests: int
    unreadable: int


def predict(
    work: Path,
    requests_file: Path,
    out_file: Path,
    top: int = 5,
    server: str | None = None,
    *,
    progress: Callable[[int], None] = lambda done: None,
) -> PredictCounts:
    """Predicts every line of `requests_file` with the models in service; memory does not grow with the file.

    Args:
        work: The workspace.
        requests_file: JSONL, one request a line, gzip where the name ends with `.gz`; labels in it are not
            read.
        out_file: Replaced when all is done: one line per line read, a prediction or
            `{"request_id" or "line", "error"}`.
        top: Number of skills per prediction.
        server: `host:port` of a model server; None runs the models in this process.
        progress: Told the number of lines done, after each batch.

    Raises:
        FileNotFoundError: `requests_file` is not there.
        ValueError: `top` is not positive, the workspace has no model in service, or `requests_file` is a
            gzip file that is cut short.
        ServingError, ServableError: A model refused or did not answer; `out_file` is left as it was.
    """
    if top < 1:
        raise ValueError(f"`top` must be positive. Received: top={top}")
    lines = unreadable = 0
    with (
        whole_gzip(requests_file),
        _open(requests_file) as source,
        workspace_models(work, server) as models,
        atomic_file(out_file) as target,
    ):
        for batch in batches(_lines(source)):
            answers = answer_lines(models, batch, first=lines + 1, top=top)
            target.writelines(to_json(answer) + b"\n" for answer in answers)
            lines += len(answers)
            unreadable += sum(isinstance(answer, Unreadable) for answer in answers)
            progress(lines)
    return PredictCounts(lines, unreadable)


def answer_lines(
    models: Models, lines: list[bytes], *, first: int, top: int
) -> list[Prediction | Unreadable]:
    """One answer per line; `first` is the number of the first line, from 1."""
    read = [live_request(line, number) for number, line in enumerate(lines, start=first)]
    requests = [request for request in read if isinstance(request, Request)]
    predictions = iter(compose(models, requests, top=top))
    return [entry if isinstance(entry, Unreadable) else next(predictions) for entry in read]


def _open(path: Path) -> BinaryIO:
    return cast(BinaryIO, gzip.open(path)) if path.suffix == ".gz" else path.open("rb")


def batches(lines: Iterable[_Item]) -> Iterator[list[_Item]]:
    """As many at a time as are answered at once."""
    iterator = iter(lines)
    while batch := list(itertools.islice(iterator, _BATCH)):
        yield batch


def _lines(source: BinaryIO) -> Iterator[bytes]:
    """The lines without their ends; of one that is far too long only the start, which is refused."""
    while line := source.readline(MAX_LINE + 2):
        whole = line.endswith(b"\n")
        yield line.rstrip(b"\r\n")
        while not whole:
            rest = source.readline(MAX_LINE)
            whole = not rest or rest.endswith(b"\n")
