"""Ingest as one call: artifacts out, the report back."""

import shutil
from collections.abc import Callable
from pathlib import Path

import apache_beam as beam

from components.ingest.options import IngestOptions
from components.ingest.pipeline import Ingest, IngestPaths
from components.ingest.report import Report, read_report


def ingest(
    data: Path, paths: IngestPaths, options: IngestOptions, make_pipeline: Callable[[], beam.Pipeline]
) -> Report:
    """Reads the dataset in `data` and writes the artifacts; the spill files are gone afterwards.

    Raises:
        CatalogueError: The catalogue has bad lines.
        FileNotFoundError: There is no catalogue, or no request file.
        ValueError: No good record is left; the message holds the counts and the first reasons.
    """
    try:
        transform = Ingest(data, paths, options)
        with make_pipeline() as pipeline:
            pipeline | transform
    finally:
        shutil.rmtree(paths.spill, ignore_errors=True)
    report = read_report(paths.letters)
    if report.records_out == 0:
        raise ValueError(f"{data} has no request that can be used.\n{report.in_words()}")
    return report
