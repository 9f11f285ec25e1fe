"""A whole system made of a dataset by `arbiter run`, and where its pieces are."""

import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from benchmarks.cost.trained import cache_folder
from benchmarks.system.answers import Answer
from benchmarks.system.sets import dataset, settings
from components.hyprank.read import read_rerankers
from components.records.artifact_files import CATALOGUE, split_files
from components.records.catalogue import Catalogue, read_catalogue
from components.records.examples import decode, prediction_from, request_from
from components.records.hypothesis_examples import read_hypothesis_lists
from components.records.hypothesis_list import HypothesisList
from components.records.model_set import candidate_folders
from components.records.reranker import Reranker
from components.records.tfrecord import read_records
from pipelines import nodes
from pipelines.history import History
from pipelines.workspace import Workspace


class System(NamedTuple):
    """Artifacts of a run.

    Attributes:
        catalogue, popularity, hypotheses, predictions: Their folders.
        shortlister, domain_models, hyprank: Of the models; the domain models hold their re-rankers.
    """

    catalogue: Path
    popularity: Path
    hypotheses: Path
    predictions: Path
    shortlister: Path
    domain_models: Path
    hyprank: Path

    def folders(self) -> dict[str, Path]:
        """The models' version folders by the name that each is served by."""
        return candidate_folders(
            model=self.shortlister, domain_models=self.domain_models, hyprank=self.hyprank
        )

    def skills(self) -> Catalogue:
        return read_catalogue(self.catalogue / CATALOGUE)

    def domain_of(self) -> dict[str, str]:
        """The domain of every skill."""
        return {skill.skill_id: skill.domain for skill in self.skills()}

    def lists(self, split: str) -> list[HypothesisList]:
        """The hypotheses of a split."""
        return list(read_hypothesis_lists(self.hypotheses, split))

    def rerankers(self) -> Mapping[str, Reranker]:
        """By domain."""
        return read_rerankers(self.domain_models)

    def answers(self, split: str) -> Iterator[Answer]:
        """What the whole system says to each request of a split, as Rank recorded it."""
        for path in split_files(self.predictions, split):
            for record in read_records(path):
                values = decode(record)
                best = prediction_from(values).best
                yield Answer(request_from(values), best, 0.0 if best is None else best.confidence)


def made(data: Path, work: Path, settings: Sequence[str]) -> System:
    """The system of a dataset; what an earlier call has made of it is taken from the workspace.

    Raises:
        subprocess.CalledProcessError: The run failed; it has said why.
    """
    given = [word for setting in ("rankers=true", *settings) for word in ("--set", setting)]
    command = [sys.executable, "-m", "pipelines.cli", "run", str(data), "--workspace", str(work)]
    subprocess.run([*command, "--until", nodes.RANK, *given], check=True, stdout=sys.stderr.fileno())
    return newest(work)


def newest(work: Path) -> System:
    """What the runs of a workspace have made last."""
    history = History(Workspace.existing(work))
    return System(
        *(
            Path(history.newest_output(node, output) or "")
            for node, output in (
                (nodes.INGEST, "catalogue"),
                (nodes.LABEL, "popularity"),
                (nodes.HYPOTHESIZE, "hypotheses"),
                (nodes.RANK, "predictions"),
                (nodes.SHORTLISTER, "model"),
                (nodes.RERANKERS, "models"),
                (nodes.HYPRANK, "model"),
            )
        )
    )


def made_set(name: str, data: Path, *, teacher: bool = False) -> System:
    """The system of one of `SETS`, kept in the cache.

    Args:
        data: Folder of the public sets.
        teacher: Whether the Shortlister learns from a pretrained teacher first.
    """
    folder = cache_folder() / "bench-system" / name
    made_of = dataset(name, data, folder / "data")
    return made(made_of, folder / "work", settings(made_of, teacher=teacher))
