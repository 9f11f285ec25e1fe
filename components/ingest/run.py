"""Ingest as one call: artifacts out, the report back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import apache_beam as beam

from components.ingest.blocks import request_files
from components.ingest.options import IngestOptions
from components.ingest.pipeline import Ingest, IngestPaths
from components.ingest.report import LETTERS, REPORT, Report, read_report
from components.ingest.span import Earlier, must_reread, read_files, read_span, take_files
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import read_catalogue


def ingest(
    data: Path,
    paths: IngestPaths,
    options: IngestOptions,
    make_pipeline: Callable[[], beam.Pipeline],
    *,
    earlier: Earlier | None = None,
    say: Callable[[str], None] = lambda line: None,
) -> Report:
    """Reads the dataset in `data` and writes the artifacts; the spill files are gone afterwards.

    Args:
        earlier: An earlier ingest of the same folder. Where the folder only grew, only the new files are
            read, and the records written are those of reading it all. None reads all.
        say: Told why all is read although there is an earlier ingest.

    Raises:
        CatalogueError: The catalogue has bad lines.
        FileNotFoundError: There is no catalogue, or no request file.
        ValueError: No good record is left; the message holds the counts and the first reasons.
    """
    if earlier is not None:
        files = read_files(data, request_files(data, options.requests))
        catalogue = read_catalogue(data / CATALOGUE)
        reread = must_reread(earlier.span, data=data, options=options, catalogue=catalogue, files=files)
        if not reread:
            _run(Ingest(data, paths, options, earlier=earlier), paths, make_pipeline)
            reread = read_span(paths.state).reread
        if not reread:
            take_files(earlier.examples, paths.examples)
            take_files(earlier.state, paths.state)
            return _kept(data, paths)
        say(f"all files are read again: {reread}")
        for folder in (paths.examples, paths.catalogue, paths.letters, paths.state):
            _empty(folder)
    _run(Ingest(data, paths, options), paths, make_pipeline)
    return _kept(data, paths)


def _run(transform: Ingest, paths: IngestPaths, make_pipeline: Callable[[], beam.Pipeline]) -> None:
    try:
        with make_pipeline() as pipeline:
            pipeline | transform
    finally:
        shutil.rmtree(paths.spill, ignore_errors=True)


def _kept(data: Path, paths: IngestPaths) -> Report:
    """The report, kept in the state too; it refuses a dataset without a good record."""
    report = read_report(paths.letters)
    if report.records_out == 0:
        raise ValueError(f"{data} has no request that can be used.\n{report.in_words()}")
    for name in (REPORT, LETTERS):
        (paths.state / name).unlink(missing_ok=True)
    take_files(paths.letters, paths.state)
    return report


def _empty(folder: Path) -> None:
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
