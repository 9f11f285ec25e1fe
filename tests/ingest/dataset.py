"""Small datasets, and ingest run on them."""

import gzip
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from components.ingest.options import IngestOptions
from components.ingest.pipeline import IngestPaths
from components.ingest.report import LETTERS, Report
from components.ingest.run import ingest
from components.ingest.span import Earlier
from components.records.examples import decode
from components.records.tfrecord import read_records

SKILLS = [
    {"skill_id": "radio", "domain": "Music", "name": "Radio"},
    {"skill_id": "maps", "domain": "Travel", "name": "City Maps"},
    {"skill_id": "news", "domain": "News", "name": "Daily News"},
]


def make_pipeline() -> beam.Pipeline:
    """The local runner that the graph uses, in process."""
    return beam.Pipeline(options=PipelineOptions(["--runner=FnApiRunner", "--direct_running_mode=in_memory"]))


def make_parallel_pipeline() -> beam.Pipeline:
    """The local runner with three workers, which get bundles as they come."""
    arguments = ["--runner=FnApiRunner", "--direct_running_mode=multi_threading", "--direct_num_workers=3"]
    return beam.Pipeline(options=PipelineOptions(arguments))


def request(request_id: str, utterance: str = "play something nice", **fields: Any) -> dict[str, Any]:
    """A request with these fields."""
    return {"request_id": request_id, "utterance": utterance, **fields}


def jsonl(*records: dict[str, Any]) -> bytes:
    """The records as lines."""
    return b"".join(json.dumps(record).encode() + b"\n" for record in records)


def write_dataset(folder: Path, files: dict[str, bytes], skills: list[dict[str, Any]] | None = None) -> Path:
    """A dataset folder with these request files; a name that ends with .gz is compressed here."""
    (folder / "requests").mkdir(parents=True, exist_ok=True)
    (folder / "catalogue.jsonl").write_bytes(jsonl(*(skills or SKILLS)))
    for name, content in files.items():
        data = gzip.compress(content, mtime=0) if name.endswith(".gz") else content
        (folder / "requests" / name).write_bytes(data)
    return folder


class Result(NamedTuple):
    """What ingest wrote."""

    report: Report
    letters: list[dict[str, Any]]
    splits: dict[str, list[dict[str, list[Any]]]]
    paths: IngestPaths

    @property
    def split_of(self) -> dict[str, str]:
        """Request id to split."""
        return {values["request_id"][0]: split for split, own in self.splits.items() for values in own}

    @property
    def by_id(self) -> dict[str, dict[str, list[Any]]]:
        """Request id to features."""
        return {values["request_id"][0]: values for own in self.splits.values() for values in own}


def run(
    data: Path,
    out: Path,
    *,
    runner: Callable[[], beam.Pipeline] = make_pipeline,
    earlier: Earlier | None = None,
    **options: Any,
) -> Result:
    """Runs ingest and reads everything that it wrote."""
    paths = IngestPaths(out / "examples", out / "catalogue", out / "letters", out / "state", out / "spill")
    report = ingest(data, paths, IngestOptions(**options), runner, earlier=earlier)
    letters = [json.loads(line) for line in (paths.letters / LETTERS).read_bytes().splitlines()]
    return Result(report, letters, read_splits(paths.examples), paths)


def read_splits(examples: Path) -> dict[str, list[dict[str, list[Any]]]]:
    """The features of every Example by split."""
    return {
        folder.name.removeprefix("Split-"): [
            decode(record) for path in sorted(folder.iterdir()) for record in read_records(path)
        ]
        for folder in sorted(examples.iterdir())
    }


def ingest_lines(tmp_path: Path, content: bytes, **options: Any) -> Result:
    """Runs ingest on one file."""
    data = write_dataset(tmp_path / "data", {"a.jsonl": content})
    return run(data, tmp_path / "out", **options)
