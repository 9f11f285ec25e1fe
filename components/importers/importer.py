"""One import from end to end: a public set in, a dataset folder out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from components.importers.alexa_skills import AlexaSkills
from components.importers.clinc150 import Clinc150
from components.importers.enabled import RULE, EnabledLists, mean_length
from components.importers.folder import RequestWriter, new_folder
from components.importers.hwu64 import Hwu64
from components.importers.mcp import Mcp
from components.importers.options import ImportOptions
from components.importers.rights import RightSkills
from components.importers.sgd import Sgd
from components.importers.source import Dropped, Source, SourceError
from components.importers.summary import ImportSummary
from components.records.artifact_files import CATALOGUE
from components.records.catalogue import Catalogue, check_request, write_catalogue
from components.records.errors import RecordError
from components.records.request import Request

_UNPINNED = "unpinned"

SETS: Mapping[str, Callable[[Path], Source]] = MappingProxyType(
    {"sgd": Sgd, "hwu64": Hwu64, "clinc150": Clinc150, "alexa-skills": AlexaSkills, "mcp": Mcp}
)
"""Every set that can be imported, by the name that the command line uses."""


def import_set(name: str, src: Path, dest: Path, options: ImportOptions) -> ImportSummary:
    """Reads the set in `src` and writes the dataset `dest`, whole or not at all.

    Args:
        name: One of `SETS`.
        src: The set's own folder, with whichever of its splits are there.
        dest: The dataset folder to make: catalogue.jsonl, requests/*.jsonl and meta.json.
        options: What to read and to simulate.

    Raises:
        ValueError: `name` or `options.only` is unknown to the set, or `dest` is not empty.
        SourceError: The set is not what it should be; names file, place and rule.
    """
    if name not in SETS:
        raise ValueError(f"`name` must be one of {', '.join(SETS)}. Received: name={name}")
    source = SETS[name](src)
    if options.only is not None and options.only not in source.splits():
        found = ", ".join(source.splits()) or "none"
        raise ValueError(f"`only` must be a split that {src} has ({found}). Received: only={options.only}")
    with new_folder(dest) as folder:
        return _write(name, source, src, folder, options)


def _write(name: str, source: Source, src: Path, folder: Path, options: ImportOptions) -> ImportSummary:
    catalogue = _catalogue(source, src)
    write_catalogue(folder / CATALOGUE, catalogue)
    lists = _enabled_lists(source, catalogue, options)
    requests: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    right = enabled = 0
    with RequestWriter(folder / "requests") as writer:
        for row in _selected(source, options):
            if isinstance(row, Dropped):
                dropped[row.reason] += 1
                continue
            check_request(row, catalogue)
            request = row if lists is None else msgspec.structs.replace(row, enabled_skills=lists.of(row))
            right += request.skill_id is not None
            enabled += request.skill_id in request.enabled_skills
            requests[request.split or _UNPINNED] += 1
            writer.write(request)
    summary = ImportSummary(
        requests=dict(requests),
        skills=len(catalogue),
        domains=len(catalogue.domains),
        dropped=dict(dropped),
        in_enabled=enabled / right if lists is not None and right else None,
    )
    _write_meta(folder / "meta.json", name, source, options, summary)
    return summary


def _catalogue(source: Source, src: Path) -> Catalogue:
    try:
        return Catalogue(source.skills())
    except RecordError as error:
        raise SourceError(src, "its skills", str(error)) from error


def _enabled_lists(source: Source, catalogue: Catalogue, options: ImportOptions) -> EnabledLists | None:
    """The simulated lists. The native train decides what fills them, also where `only` leaves it out of the
    dataset; with `resplit`, what will be train of the dataset does."""
    if options.simulate_enabled is None:
        return None
    rows = _selected(source, options) if options.resplit else source.requests()
    rights = RightSkills.count(row for row in rows if isinstance(row, Request))
    return EnabledLists(catalogue, rights, inclusion=options.simulate_enabled, seed=options.seed)


def _write_meta(
    path: Path, name: str, source: Source, options: ImportOptions, summary: ImportSummary
) -> None:
    """What the dataset is made of; a person reads this file, no part of Arbiter does."""
    meta = {
        "set": name,
        "licence": source.licence,
        "rules": source.rules,
        "options": options,
        "seed": options.seed,
        "counts": summary,
    }
    if options.simulate_enabled is not None:
        meta["enabled_skills"] = {
            "simulated": True,
            "inclusion": options.simulate_enabled,
            "mean_length": mean_length(summary.skills),
            "seed": options.seed,
            "rule": RULE,
        }
    path.write_bytes(msgspec.json.format(msgspec.json.encode(meta), indent=2) + b"\n")


def _selected(source: Source, options: ImportOptions) -> Iterator[Request | Dropped]:
    rows = source.requests()
    if options.only is not None:
        rows = (row for row in rows if row.split == options.only)
    return _unpinned(rows) if options.resplit else rows


def _unpinned(rows: Iterator[Request | Dropped]) -> Iterator[Request | Dropped]:
    for row in rows:
        yield msgspec.structs.replace(row, split=None)
