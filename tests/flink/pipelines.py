"""Every Beam pipeline of a run as one process: python -m tests.flink.pipelines DATA OUT STEP[,STEP…] [BEAM…].

In a process of its own, so that TensorFlow's threads are those that the pipelines ask for.
"""

import sys
from pathlib import Path

import apache_beam as beam
from apache_beam.options.pipeline_options import PipelineOptions

from components.domain.all_domains import train_domains
from components.domain.options import DomainOptions
from components.ingest.options import IngestOptions
from components.ingest.pipeline import IngestPaths
from components.ingest.run import ingest
from components.label.options import LabelOptions
from components.label.pipeline import LabelRequests
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import read_catalogue
from components.router.hypothesize_batch import hypothesize_splits
from components.router.rank import rank

STEPS = ("ingest", "label", "train", "hypothesize", "rank")
SMALL = IngestOptions(block_bytes=20_000, partition_bytes=30_000)
TINY = DomainOptions(epochs=2, least_foreign=100, gram_buckets=256, gram_size=16, form_size=8, hidden_size=16)


def main(data: Path, out: Path, steps: list[str], arguments: list[str]) -> None:
    """Runs the steps; OUT/shortlister is there where requests are to be answered."""

    def pipeline() -> beam.Pipeline:
        return beam.Pipeline(options=PipelineOptions(arguments or ["--runner=FnApiRunner"]))

    folders = {
        name: out / name for name in ("examples", "catalogue", "letters", "state", "labelled", "counts")
    }
    catalogue = folders["catalogue"] / CATALOGUE
    if "ingest" in steps:
        paths = IngestPaths(
            *(folders[name] for name in ("examples", "catalogue", "letters", "state")), out / "spill"
        )
        ingest(data, paths, SMALL, pipeline)
    if "label" in steps:
        with pipeline() as each:
            each | LabelRequests(
                folders["examples"],
                catalogue,
                folders["labelled"],
                folders["counts"],
                LabelOptions(min_count=2),
            )
    if "train" in steps:
        with pipeline() as each:
            train_domains(
                each,
                domains=read_catalogue(catalogue).domains,
                examples=folders["labelled"],
                catalogue=catalogue,
                options=TINY,
                models=out / "models",
                runs=out / "runs",
            )
    models = {
        "shortlister": out / "shortlister",
        **{folder.name: folder for folder in (out / "models").glob("*")},
    }
    if "hypothesize" in steps:
        with pipeline() as each:
            hypothesize_splits(
                each, folders["labelled"], models, out / "lists", splits=("rank", "dev", "test"), k=3
            )
    if "rank" in steps:
        with pipeline() as each:
            rank(each, folders["labelled"], models, out / "predictions", splits=("dev", "test"), top=3)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3].split(","), sys.argv[4:])
