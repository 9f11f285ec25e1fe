"""What the enabled list adds on SGD: no personalisation, the 1-bit flag, attention, and both.

    python -m benchmarks.personalisation [--inclusion 0.9 0.7] [--train 20000] [--test 8000] [--seeds 1 2 3]

SGD's train dialogues with simulated enabled lists (`arbiter import sgd --simulate-enabled`, one list a
dialogue), split anew by dialogue as Ingest does; the first dialogues by hash make the stated numbers of
requests. Scored on `skill_id` alone, with any correct skill beside it. Epochs are chosen on dev; test is
looked at once per training. Intervals: bootstrap over dialogues, of the mean over seeds.
"""

import argparse
import tempfile
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.shortlister_runs import Result, corpora, interval, run
from benchmarks.text_accuracy import data_folder
from components.importers.importer import import_set
from components.importers.options import ImportOptions
from components.records.catalogue import read_catalogue
from components.records.parse import parse_request
from components.records.request import Request
from components.records.splits import Shares, hashed_split, split_key, unit_hash
from components.shortlister.corpus import Corpus
from components.shortlister.options import ShortlisterOptions

Splits = dict[str, list[Request]]
Found = dict[str, list[Result]]
Floats = npt.NDArray[np.float64]

KINDS = ("none", "flag", "attention", "both")
COMPARED = (("flag", "none"), ("both", "flag"), ("both", "attention"))


def load(data: Path, inclusion: float, sizes: dict[str, int]) -> tuple[Splits, tuple[str, ...]]:
    """SGD's train dialogues with lists of that inclusion: requests by split, and the skill ids."""
    with tempfile.TemporaryDirectory() as folder:
        dataset = Path(folder) / "sgd"
        import_set(
            "sgd",
            data / "sgd",
            dataset,
            ImportOptions(simulate_enabled=inclusion, resplit=True, only="train"),
        )
        requests = sorted(
            _requests(dataset), key=lambda r: (unit_hash(split_key(r), "benchmark"), r.request_id)
        )
        splits: Splits = {split: [] for split in sizes}
        for request in requests:
            split = hashed_split(split_key(request), Shares(rank=0.0))
            if len(splits[split]) < sizes[split]:
                splits[split].append(request)
        return splits, read_catalogue(dataset / "catalogue.jsonl").skill_ids


def _requests(dataset: Path) -> Iterator[Request]:
    for path in sorted((dataset / "requests").glob("*.jsonl")):
        yield from (parse_request(line) for line in path.read_bytes().splitlines())


def most_popular_enabled(splits: Splits) -> float:
    """Test accuracy of answering with the enabled skill that train has most often."""
    counts = Counter(request.skill_id for request in splits["train"])
    scored = [request for request in splits["test"] if request.skill_id is not None]
    best = [max(request.enabled_skills, key=lambda s: counts[s], default=None) for request in scored]
    return float(np.mean([guess == request.skill_id for guess, request in zip(best, scored, strict=True)]))


def rows(inclusion: float, found: Found, groups: Sequence[str]) -> list[str]:
    """One Markdown row per kind."""
    lines = []
    for kind, results in found.items():
        right = _mean([result.right for result in results])
        low, high = interval(right, groups=groups)
        lines.append(
            f"| {inclusion} | {kind} | {right.mean():.4f} | {min(r.right.mean() for r in results):.4f} "
            f"| {low:.4f} … {high:.4f} | {_mean([r.right_any for r in results]).mean():.4f} "
            f"| {np.mean([r.dev_top1 for r in results]):.4f} | {np.mean([r.seconds for r in results]):.0f} |"
        )
    return lines


def differences(inclusion: float, found: Found, groups: Sequence[str]) -> list[str]:
    """One Markdown row per pair of kinds: mean difference on the same requests, with its interval."""
    lines = []
    for better, worse in COMPARED:
        if better in found and worse in found:
            gap = _mean([r.right for r in found[better]]) - _mean([r.right for r in found[worse]])
            low, high = interval(gap, groups=groups)
            errors = gap.sum() / (1 - _mean([r.right for r in found[worse]])).sum()
            lines.append(
                f"| {inclusion} | {better} - {worse} | {gap.mean():+.4f} "
                f"| {low:+.4f} … {high:+.4f} | {errors:.1%} |"
            )
    return lines


def _mean(seeds: Sequence[npt.NDArray[np.bool_]]) -> Floats:
    """Per test request, the share of seeds that got it right: [N]."""
    mean: Floats = np.mean(seeds, axis=0)
    return mean


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains every kind for every inclusion and seed; prints the two tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--inclusion", nargs="+", type=float, default=[0.9, 0.7])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--train", type=int, default=20_000)
    parser.add_argument("--dev", type=int, default=4_000)
    parser.add_argument("--test", type=int, default=8_000)
    parser.add_argument("--options", default="{}", help="JSON of ShortlisterOptions")
    parser.add_argument("--data", type=Path, default=data_folder())
    chosen = parser.parse_args(arguments)
    options = msgspec.json.decode(chosen.options, type=ShortlisterOptions).sized(chosen.train)
    sizes = {"train": chosen.train, "dev": chosen.dev, "test": chosen.test}
    table: list[str] = []
    gaps: list[str] = []
    none: list[Result] = []  # the lists do not enter it, so it is trained once a seed
    for inclusion in chosen.inclusion:
        splits, skill_ids = load(chosen.data, inclusion, sizes)
        encoded: dict[str, Corpus] = corpora(splits, skill_ids, options)
        stated = {split: len(corpus.scored) for split, corpus in encoded.items()}
        print(f"inclusion {inclusion}: {len(skill_ids)} skills, labelled requests {stated}", flush=True)
        found: Found = {kind: [] for kind in chosen.kinds}
        for seed in chosen.seeds:
            for kind, results in found.items():
                if kind == "none" and len(none) == len(chosen.seeds):
                    results.append(none[len(results)])
                    continue
                changed = msgspec.structs.replace(options, personalisation=kind, seed=seed)
                results.append(run(encoded, skill_ids, changed))
                if kind == "none":
                    none.append(results[-1])
                print(
                    f"  {kind}, seed {seed}: test {results[-1].right.mean():.4f}, "
                    f"any correct {results[-1].right_any.mean():.4f}, {results[-1].seconds:.0f} s",
                    flush=True,
                )
        groups = [r.customer_id or r.request_id for r in splits["test"] if r.skill_id is not None]
        popular = most_popular_enabled(splits)
        table += [
            f"| {inclusion} | most popular enabled | {popular:.4f} | - | - | - | - | - |",
            *rows(inclusion, found, groups),
        ]
        gaps += differences(inclusion, found, groups)
    print("\n| inclusion | model | top-1 | min | 95 % interval | any correct | dev | s |")
    print("|---|---|---|---|---|---|---|---|")
    print("\n".join(table))
    print("\n| inclusion | difference | top-1 | 95 % interval | of the errors |\n|---|---|---|---|---|")
    print("\n".join(gaps))


if __name__ == "__main__":
    main()
