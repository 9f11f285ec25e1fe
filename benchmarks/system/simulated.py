"""The whole system of a simulated world, trained once and kept, and requests to ask it."""

import argparse
import hashlib
from collections.abc import Iterator
from pathlib import Path

import msgspec

from benchmarks.cost.decision_process import Asked
from benchmarks.cost.trained import Plan, cache_folder, key_of
from benchmarks.system.made import System, made, newest
from components.records.artifact_files import CATALOGUE
from components.records.parse import to_json
from components.records.request import Request
from components.records.version_folder import folder_hash
from components.router.live_request import live_request
from components.simulate import SimulateOptions, simulate

_REQUESTS_A_CUSTOMER = 10
_TESTED = 10_000
_SETTINGS = (
    "domain.epochs=5",
)  # what a decision costs does not depend on it, and twenty domains train in minutes


def add_world(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that `simulated` reads."""
    parser.add_argument("--skills", type=int, default=1_500, metavar="N")
    parser.add_argument("--domains", type=int, default=20, metavar="N")
    parser.add_argument("--world", type=int, default=40_000, metavar="N", help="requests of the world")
    parser.add_argument("--seed", type=int, default=1)


def add_system(parser: argparse.ArgumentParser) -> None:
    """Adds the arguments that `system_of` reads."""
    add_world(parser)
    parser.add_argument(
        "--work", type=Path, metavar="WORK", help="serve what was last trained in this workspace instead"
    )


def system_of(chosen: argparse.Namespace) -> System:
    """What was last trained in the workspace given, else that of the simulated world."""
    return simulated(chosen)[0] if chosen.work is None else newest(chosen.work)


def simulated(chosen: argparse.Namespace) -> tuple[System, Path]:
    """The system, and the folder in ARBITER_CACHE (~/.cache/arbiter) that keeps it."""
    world = SimulateOptions(
        skills=chosen.skills,
        domains=chosen.domains,
        customers=max(chosen.world // _REQUESTS_A_CUSTOMER, 1),
        requests=chosen.world,
        seed=chosen.seed,
    )
    folder = cache_folder() / "bench-decision" / key_of(Plan(world=world, settings=_SETTINGS))
    if not (folder / "world" / CATALOGUE).is_file():
        simulate(folder / "world", world)
    return made(folder / "world", folder / "work", _SETTINGS), folder


def model_version(system: System) -> str:
    """A hash of all its version folders."""
    hashes = "".join(f"{name} {folder_hash(path)}\n" for name, path in sorted(system.folders().items()))
    return hashlib.sha256(hashes.encode()).hexdigest()[:12]


def write_asked(path: Path, system: System) -> None:
    """Test requests with a right skill, at most `_TESTED`, as lines of `Asked`."""
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in _asked(system)))


def _asked(system: System) -> Iterator[Asked]:
    count = 0
    for answer in system.answers("test"):
        request = answer.request
        if request.skill_id is None or request.outcome == "rejected" or count == _TESTED:
            continue
        live = live_request(to_json(request), 0)
        if isinstance(live, Request):
            count += 1
            yield Asked(live, (request.skill_id, *request.also_correct))
