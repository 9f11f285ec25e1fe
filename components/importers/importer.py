"""One import from end to end: a public set in, a dataset folder out."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType

import msgspec

from components.importers.clinc150 import Clinc150
from components.importers.folder import RequestWriter, new_folder
from components.importers.hwu64 import Hwu64
from components.importers.options import ImportOptions
from components.importers.sgd import Sgd
from components.importers.source import Dropped, Source
from components.importers.summary import ImportSummary
from components.records.catalogue import Catalogue, check_request, write_catalogue
from components.records.request import Request

_UNPINNED = "unpinned"

SETS: Mapping[str, Callable[[Path], Source]] = MappingProxyType(
    {"sgd": Sgd, "hwu64": Hwu64, "clinc150": Clinc150}
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
    if options.simulate_enabled is not None:
        raise ValueError("`simulate_enabled` cannot be honoured yet: enabled lists are not simulated so far")
    source = SETS[name](src)
    if options.only is not None and options.only not in source.splits():
        found = ", ".join(source.splits()) or "none"
        raise ValueError(f"`only` must be a split that {src} has ({found}). Received: only={options.only}")
    with new_folder(dest) as folder:
        return _write(name, source, folder, options)


def _write(name: str, source: Source, folder: Path, options: ImportOptions) -> ImportSummary:
    catalogue = Catalogue(source.skills())
    write_catalogue(folder / "catalogue.jsonl", catalogue)
    requests: Counter[str] = Counter()
    dropped: Counter[str] = Counter()
    with RequestWriter(folder / "requests") as writer:
        for row in _selected(source, options):
            if isinstance(row, Dropped):
                dropped[row.reason] += 1
                continue
            check_request(row, catalogue)
            requests[row.split or _UNPINNED] += 1
            writer.write(row)
    summary = ImportSummary(
        requests=dict(requests), skills=len(catalogue), domains=len(catalogue.domains), dropped=dict(dropped)
    )
    meta = {
        "set": name,
        "licence": source.licence,
        "rules": source.rules,
        "options": options,
        "counts": summary,
    }
    (folder / "meta.json").write_bytes(msgspec.json.format(msgspec.json.encode(meta), indent=2) + b"\n")
    return summary


def _selected(source: Source, options: ImportOptions) -> Iterator[Request | Dropped]:
    for row in source.requests():
        if options.only is not None and row.split != options.only:
            continue
        if options.resplit and isinstance(row, Request):
            yield msgspec.structs.replace(row, split=None)
        else:
            yield row
