"""Simulated worlds and SGD as labelled requests by split; a world is made once and kept."""

import gzip
import hashlib
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec

from components.importers.importer import import_set
from components.importers.options import ImportOptions
from components.label.options import LabelOptions
from components.label.rules import label_of
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import Catalogue, read_catalogue
from components.records.invocation import InvocationIndex
from components.records.label import LabelledRequest
from components.records.parse import parse_request
from components.records.request import Request
from components.records.splits import Shares, hashed_split, split_key, unit_hash
from components.simulate import SimulateOptions, simulate

REQUESTS_A_CUSTOMER = 10


@dataclass(frozen=True)
class Data:
    """Labelled requests by split, and the catalogue that they are about."""

    splits: dict[str, list[LabelledRequest]]
    catalogue: Catalogue

    @property
    def skill_ids(self) -> tuple[str, ...]:
        return self.catalogue.skill_ids

    def customers(self, split: str = "test") -> list[str]:
        """The customer of each request of a split that has a right skill: the groups of the bootstrap."""
        return [
            one.request.customer_id or one.request.request_id
            for one in self.splits[split]
            if one.label.skill_id is not None
        ]


def world(
    cache: Path,
    *,
    skills: int,
    requests: int,
    seed: int = 1,
    shares: Shares | None = None,
    **difficulty: float,
) -> Data:
    """A simulated world, split and labelled as Ingest and Label do; `rank` is left out.

    Args:
        cache: Where the datasets are kept, one folder for each set of options.
        shares: Of the splits; None: as Ingest has them.
        difficulty: Fields of `SimulateOptions`; the others are the defaults.
    """
    options = SimulateOptions(
        skills=skills,
        requests=requests,
        customers=max(requests // REQUESTS_A_CUSTOMER, 1),
        seed=seed,
        **difficulty,  # type: ignore[arg-type]
    )
    name = hashlib.blake2b(msgspec.json.encode(options), digest_size=6).hexdigest()
    dataset = cache / f"{skills}-{requests}-{name}"
    if not dataset.exists():
        cache.mkdir(parents=True, exist_ok=True)
        simulate(dataset, options)
    return read_dataset(dataset, shares)


def read_dataset(dataset: Path, shares: Shares | None = None) -> Data:
    """A dataset folder's requests by split (without `rank`), labelled."""
    catalogue = read_catalogue(dataset / CATALOGUE)
    index, rules = InvocationIndex(catalogue), LabelOptions()
    splits: dict[str, list[LabelledRequest]] = {"train": [], "dev": [], "test": []}
    for request in _requests(dataset):
        split = hashed_split(split_key(request), shares or Shares())
        if split in splits:
            label = label_of(request.utterance, request.skill_id, request.outcome, index, rules)
            splits[split].append(LabelledRequest(request=request, label=label))
    return Data(splits, catalogue)


def sgd(data: Path, *, inclusion: float, sizes: dict[str, int]) -> Data:
    """SGD's train dialogues with simulated enabled lists, one list a dialogue, split anew by dialogue.

    Args:
        data: Folder of the public sets.
        inclusion: Chance that a right skill is in the list.
        sizes: Requests by split at most; the first dialogues by hash make them.
    """
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "sgd"
        import_set(
            "sgd",
            data / "sgd",
            dataset,
            ImportOptions(simulate_enabled=inclusion, resplit=True, only="train"),
        )
        whole = read_dataset(dataset, Shares(rank=0.0))
    return Data({split: _first(whole.splits[split], size) for split, size in sizes.items()}, whole.catalogue)


def _first(labelled: Sequence[LabelledRequest], size: int) -> list[LabelledRequest]:
    def place(one: LabelledRequest) -> tuple[float, str]:
        return unit_hash(split_key(one.request), "benchmark"), one.request.request_id

    return sorted(labelled, key=place)[:size]


def _requests(dataset: Path) -> Iterator[Request]:
    for path in sorted((dataset / "requests").iterdir()):
        text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
        yield from map(parse_request, text.splitlines())
