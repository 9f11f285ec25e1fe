"""Which requests of a split a domain's model reads: all of its own, and a sample of the others'."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from components.domain.options import DomainOptions
from components.records.artifact_files import split_files
from components.records.examples import decode, labelled_from
from components.records.features import F
from components.records.label import LabelledRequest
from components.records.splits import unit_hash
from components.records.tfrecord import read_records
from components.records.wire import entries_of, pick

_WANTED = {name.encode(): name for name in (F.REQUEST_ID, F.LABEL_SKILL, F.OUTCOME)}


class Sample(NamedTuple):
    """What a domain reads of a split.

    Attributes:
        own: In file order.
        foreign: Requests of other domains or out of scope, in file order.
        all_own, all_foreign: How many there are.
    """

    own: list[LabelledRequest]
    foreign: list[LabelledRequest]
    all_own: int
    all_foreign: int


def read_sample(
    examples: Path, split: str, domains: Mapping[str, str], domain: str, options: DomainOptions
) -> Sample:
    """Reads a split twice: once to count, once to take.

    Which requests are taken depends on their ids alone, so the same data give the same sample, and another
    domain's changes do not move it.

    Args:
        examples: Labelled requests.
        split: Of them.
        domains: The domain of every skill.
        domain: Whose model it is for.
        options: How many are taken, and the seed.

    Raises:
        FileNotFoundError: There is no such split.
    """
    files = split_files(examples, split)
    counts = {True: 0, False: 0}
    places: list[bool | None] = []
    ids: list[str] = []
    for encoded in _records(files):
        found = pick(entries_of(encoded), _WANTED)
        skill = found.get(F.LABEL_SKILL)
        own = None
        if skill is not None and skill in domains:
            own = domains[skill] == domain
        elif skill is None and found.get(F.OUTCOME) == "out_of_scope":
            own = False
        places.append(own)
        ids.append(found[F.REQUEST_ID])
        if own is not None:
            counts[own] += 1
    taken = min(counts[True], options.most)
    wanted = max(options.foreign * taken, options.least_foreign)
    shares = {True: taken / max(counts[True], 1), False: wanted / max(counts[False], 1)}
    salt = f"domain{options.seed}"[:16]
    sample = Sample([], [], counts[True], counts[False])
    for own, request_id, encoded in zip(places, ids, _records(files), strict=True):
        if own is not None and unit_hash(f"{domain}\0{request_id}", salt) < shares[own]:
            (sample.own if own else sample.foreign).append(labelled_from(decode(encoded)))
    return sample


def _records(files: list[Path]) -> Iterator[bytes]:
    for path in files:
        yield from read_records(path)
