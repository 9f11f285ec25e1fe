"""Reads a dataset once, without Beam, and says what is in it, what is wrong, and what contradicts itself."""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from pathlib import Path

import msgspec
import numpy as np

from components.ingest.blocks import blocks, request_files
from components.ingest.duplicates import IDENTITY, repeats
from components.ingest.read import read
from components.ingest.rows import identity_of
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import Catalogue, read_catalogue
from components.records.errors import RecordError
from components.records.request import Request
from components.records.text import normalise
from pipelines.config import Config
from pipelines.split_counts import SplitCounts

_SHOWN = 10
_WHOLE_FILE = 1 << 62  # one block per file, so that a record's number is its line


class BadRecord(msgspec.Struct, frozen=True):
    """A refused record: where it is and why."""

    file: str
    line: int
    reason: str
    problem: str


class Conflict(msgspec.Struct, frozen=True):
    """One text that leads to several skills: a spoken name, or an utterance."""

    text: str
    skills: tuple[str, ...]


class Findings(msgspec.Struct, frozen=True, kw_only=True):
    """What `check` found.

    Attributes:
        usable: Whether a run with the same configuration would get past its data gate.
        problems: Why not, in words; empty where usable.
        records: Records read = good + bad + duplicates.
        labelled: Good requests with a right skill.
        outcomes: Good requests by outcome; `absent` where none is given.
        splits: Requests by the split that Ingest would give them to; None for splits by time.
        pinned: Good requests by the split that they ask for; `unpinned` where they ask for none.
        skills_without_requests: Skills that no good request names as right.
        reasons: Bad records by reason.
        shared_names, contradictions: How many there are; `names` and `utterances` show the first of them.
    """

    usable: bool
    problems: tuple[str, ...]
    skills: int
    domains: int
    files: int
    records: int
    good: int
    bad: int
    duplicates: int
    labelled: int
    outcomes: dict[str, int]
    splits: dict[str, int] | None
    pinned: dict[str, int]
    skills_without_requests: int
    reasons: dict[str, int]
    first_bad: tuple[BadRecord, ...]
    shared_names: int
    names: tuple[Conflict, ...]
    contradictions: int
    utterances: tuple[Conflict, ...]


def check(data: Path, config: Config) -> Findings:
    """Validates the dataset in `data` by the rules of Ingest and its gate.

    Memory grows by about 200 bytes a request.

    Raises:
        CatalogueError: The catalogue cannot be used; lists every bad line.
        FileNotFoundError: There is no catalogue, or no request file.
    """
    catalogue = read_catalogue(data / CATALOGUE)
    files = request_files(data, config.ingest.requests)
    good: Counter[str] = Counter()
    outcomes: Counter[str] = Counter()
    pinned: Counter[str] = Counter()
    split_counts = SplitCounts()
    reasons: Counter[str] = Counter()
    named: set[str] = set()
    first_bad: list[BadRecord] = []
    identities = bytearray()
    utterances = _Utterances()
    for position, (file, line, record) in enumerate(_records(files, catalogue, data)):
        if isinstance(record, RecordError):
            reasons[record.reason] += 1
            if len(first_bad) < _SHOWN:
                first_bad.append(BadRecord(file, line, record.reason, str(record)))
            continue
        identities += identity_of(record, 0, position)
        good["all"] += 1
        good["labelled"] += bool(record.correct_skills)
        outcomes[record.outcome or "absent"] += 1
        pinned[record.split or "unpinned"] += 1
        split_counts.add(record)
        if record.skill_id is not None and record.outcome != "rejected":
            named.add(record.skill_id)
            utterances.add(record.utterance, record.skill_id)
    again = repeats(np.frombuffer(bytes(identities), dtype=IDENTITY))
    duplicates = sum(repeat.same for repeat in again)
    if len(again) > duplicates:
        reasons["duplicate_id"] += len(again) - duplicates
    records, bad = good["all"] + sum(reasons.values()) - (len(again) - duplicates), sum(reasons.values())
    names = _shared_names(catalogue)
    splits = split_counts.of(config.ingest.shares) if config.ingest.split_by == "hash" else None
    problems = _problems(records, bad, good["labelled"], splits, config)
    return Findings(
        usable=not problems,
        problems=problems,
        skills=len(catalogue),
        domains=len(catalogue.domains),
        files=len(files),
        records=records,
        good=records - bad - duplicates,
        bad=bad,
        duplicates=duplicates,
        labelled=good["labelled"],
        outcomes=dict(outcomes),
        splits=splits,
        pinned=dict(pinned),
        skills_without_requests=len(catalogue) - len(named),
        reasons=dict(reasons.most_common()),
        first_bad=tuple(first_bad),
        shared_names=len(names),
        names=tuple(names[:_SHOWN]),
        contradictions=len(utterances.conflicts),
        utterances=utterances.first(_SHOWN),
    )


class _Utterances:
    """Which normalised utterances are labelled with more than one skill."""

    def __init__(self) -> None:
        self.conflicts: defaultdict[str, set[str]] = defaultdict(set)
        self._first: dict[bytes, str] = {}

    def add(self, utterance: str, skill_id: str) -> None:
        text = normalise(utterance)
        first = self._first.setdefault(hashlib.blake2b(text.encode(), digest_size=8).digest(), skill_id)
        if first != skill_id:
            self.conflicts[text].update((first, skill_id))

    def first(self, count: int) -> tuple[Conflict, ...]:
        """Those with most skills."""
        order = sorted(self.conflicts.items(), key=lambda item: (-len(item[1]), item[0]))
        return tuple(Conflict(text, tuple(sorted(skills))) for text, skills in order[:count])


def _records(
    files: tuple[Path, ...], catalogue: Catalogue, data: Path
) -> Iterator[tuple[str, int, Request | RecordError]]:
    for block in blocks(files, _WHOLE_FILE):
        file = str(Path(block.path).relative_to(data))
        for number, record in read(block, catalogue):
            if record is not None:
                yield file, number + 1, record


def _shared_names(catalogue: Catalogue) -> list[Conflict]:
    owners: defaultdict[str, set[str]] = defaultdict(set)
    for skill in catalogue:
        for name in (skill.name, *skill.invocations):
            if name:
                owners[normalise(name)].add(skill.skill_id)
    shared = [Conflict(name, tuple(sorted(skills))) for name, skills in owners.items() if len(skills) > 1]
    return sorted(shared, key=lambda conflict: (-len(conflict.skills), conflict.text))


def _problems(
    records: int, bad: int, labelled: int, splits: Mapping[str, int] | None, config: Config
) -> tuple[str, ...]:
    problems = []
    limit = config.gate.max_bad_share
    if records and bad / records > limit:
        problems.append(f"{bad / records:.2%} of the records are bad; gate.max_bad_share allows {limit:.2%}")
    if not labelled:
        problems.append("no good request has a right skill: there is nothing to learn from")
    for split, needed in config.gate.least.items():
        if splits is not None and splits[split] < needed:
            problems.append(
                f"{split} would have {splits[split]} requests, by a hash of the customer; "
                f"gate.min_{split} asks for {needed}"
            )
    return tuple(problems)
