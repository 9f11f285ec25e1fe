"""What one request costs a Shortlister of N skills, and how often it is right.

    arbiter bench shortlister --skills 40000 --json
    arbiter bench shortlister --sizes 100 1000 10000 40000 100000 --json --output docs/results

Simulates a world of N skills, trains on it by `arbiter run`, keeps both in ARBITER_CACHE (~/.cache/arbiter),
and asks the exported version folder: a fresh process on one core with one thread takes the raw string and ten
enabled skills and answers the ten best. The accuracy is that of the router on the test split. Exits 1 where
the right skill is among the five best of fewer than 90 % of the requests.

With --sizes it shows how the cost grows, on networks that have learnt nothing: the same tables, the same
products, the same bytes, so the same cost; and no accuracy. --output writes cost.md and cost.svg; what a
person says on the page stays.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from benchmarks.cost.page import load_average, write_page
from benchmarks.cost.trained import Asked, Plan, Trained, cache_folder, trained
from benchmarks.cost.untrained import untrained
from components.records.request import Request
from components.records.shortlister_signature import SHORTLISTER
from components.records.version_folder import folder_hash
from components.router.compose import compose
from components.router.models import FolderModels

_LEAST_RECALL = 0.90
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "TF_NUM_INTRAOP_THREADS": "1",
    "TF_NUM_INTEROP_THREADS": "1",
    "TF_CPP_MIN_LOG_LEVEL": "3",
}
_SAVED_MODEL_REQUESTS = 2_000
_BATCH = 256

Figures = dict[str, Any]


def measure(made: Trained, *, requests: int) -> Figures:
    """What a model takes on disk, in memory and in time."""
    folder = Path(made.version_folder)
    twin = _process(made, requests, "twin")
    saved_model = _process(made, min(requests, _SAVED_MODEL_REQUESTS), "saved_model")
    return {
        "tflite_bytes": _bytes(folder, "model.tflite"),
        "encoder_bytes": _bytes(folder, "encoder/**/*"),
        "savedmodel_bytes": _bytes(folder, "saved_model.pb", "variables/**/*", "assets/**/*"),
        **twin,
        **{f"savedmodel_{name}": value for name, value in saved_model.items()},
        "model_version": folder_hash(folder)[:12],
    }


def accuracy(folder: Path, requests: Path) -> Figures:
    """Top-1 and recall@5 of the right skill, as the router answers with the customers' own enabled lists."""
    models = FolderModels({SHORTLISTER: folder})
    with requests.open("rb") as lines:
        tested = [msgspec.json.decode(line, type=Asked) for line in lines]
    first = among = 0
    for start in range(0, len(tested), _BATCH):
        batch = tested[start : start + _BATCH]
        asked = [
            Request(request_id="bench", utterance=each.utterance, enabled_skills=each.enabled)
            for each in batch
        ]
        for each, answer in zip(batch, compose(models, asked, top=5), strict=True):
            found = [hypothesis.skill_id for hypothesis in answer.hypotheses]
            first += found[:1] == [each.skill_id]
            among += each.skill_id in found
    return {
        "top1": round(first / len(tested), 4),
        "recall5": round(among / len(tested), 4),
        "tested": len(tested),
    }


def _process(made: Trained, requests: int, form: str) -> Figures:
    """The figures of a fresh process."""
    command = [sys.executable, "-m", "benchmarks.cost.process", made.version_folder, made.requests]
    done = subprocess.run(
        [*command, str(requests), form], env={**os.environ, **ONE_THREAD}, check=True, stdout=subprocess.PIPE
    )
    figures: Figures = json.loads(done.stdout)
    return figures


def _bytes(folder: Path, *patterns: str) -> int:
    files = (path for pattern in patterns for path in folder.glob(pattern))
    return sum(path.stat().st_size for path in files if path.is_file())


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the figures, a line for each size. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench shortlister",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--skills", type=int, default=1_500, metavar="N")
    parser.add_argument(
        "--sizes", type=int, nargs="+", metavar="N", help="networks of these sizes, untrained"
    )
    parser.add_argument("--requests", type=int, default=10_000, metavar="N", help="that are timed")
    parser.add_argument("--epochs", type=int, metavar="N", help="of the training; else by its size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", action="store_true", help="one line of JSON")
    parser.add_argument(
        "--output", type=Path, metavar="FOLDER", help="with --sizes: where to write cost.md and cost.svg"
    )
    chosen = parser.parse_args(arguments)
    if chosen.requests < 1:
        parser.error(f"`--requests` must be at least 1. Received: {chosen.requests}")
    if chosen.sizes:
        _grow(chosen)
        return 0
    plan = Plan.of(chosen.skills, seed=chosen.seed, epochs=chosen.epochs)
    model = trained(plan, cache_folder())
    figures = {
        "skills": chosen.skills,
        **measure(model, requests=chosen.requests),
        **accuracy(Path(model.version_folder), Path(model.requests)),
        "world_requests": plan.world.requests,
        "training_seconds": model.seconds,
    }
    _show(figures, as_json=chosen.json)
    return int(figures["recall5"] < _LEAST_RECALL)


def _grow(chosen: argparse.Namespace) -> None:
    """The figures of every size."""
    before, rows = load_average(), []
    for skills in chosen.sizes:
        with tempfile.TemporaryDirectory() as made:
            model = untrained(skills, Path(made) / "model", seed=chosen.seed)
            rows.append({"skills": skills, **measure(model, requests=chosen.requests)})
        _show(rows[-1], as_json=chosen.json)
    if chosen.output is not None:
        sizes = " ".join(map(str, chosen.sizes))
        command = (
            f"arbiter bench shortlister --sizes {sizes} --requests {chosen.requests} --output docs/results"
        )
        write_page(rows, chosen.output, command=command, loads=(before, load_average()))


def _show(figures: Figures, *, as_json: bool) -> None:
    lines = (f"{name:20} {value}" for name, value in figures.items())
    print(json.dumps(figures) if as_json else "\n".join(lines), flush=True)


if __name__ == "__main__":
    sys.exit(main())
