"""A Shortlister for a simulated world of any size, made by the commands that anybody would use, and kept."""

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec

import components
from components.records.artifact_files import CATALOGUE, split_files, version_folder_in
from components.records.atomic import atomic_write
from components.records.examples import decode, labelled_from
from components.records.tfrecord import read_records
from components.simulate.options import SimulateOptions
from pipelines.history import History
from pipelines.nodes import LABEL, SHORTLISTER
from pipelines.workspace import Workspace

_DONE = "trained.json"
_RECORD = "training.json"
_PARTS = ("records", "simulate", "ingest", "label", "shortlister")
_MOST_REQUESTS = 200_000
_MANY, _FEW_EPOCHS = 8_192, 3  # above so many skills negatives are drawn, and an epoch takes minutes
_TESTED = 10_000


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is simulated and how it is trained.

    Attributes:
        world: Of the simulation.
        settings: For `arbiter run`, as key=value.
    """

    world: SimulateOptions
    settings: tuple[str, ...]

    @classmethod
    def of(cls, skills: int, *, seed: int, epochs: int | None) -> "Plan":
        """Requests grow with the catalogue up to what one core can read three times in fifteen minutes."""
        requests = min(20_000 + 20 * skills, _MOST_REQUESTS)
        world = SimulateOptions(skills=skills, customers=requests // 10, requests=requests, seed=seed)
        chosen = epochs or (_FEW_EPOCHS if skills > _MANY else None)
        return cls(world=world, settings=() if chosen is None else (f"shortlister.epochs={chosen}",))


class Trained(msgspec.Struct, frozen=True, kw_only=True):
    """Where a trained model is.

    Attributes:
        version_folder: As `arbiter run` exported it.
        requests: JSON lines of test requests with a right skill (`Asked`).
        seconds: That the training's steps and the scoring after each epoch took.
    """

    version_folder: str
    requests: str
    seconds: float


class Asked(msgspec.Struct, frozen=True):
    """A test request: what was said, the customer's enabled skills, the right one."""

    utterance: str
    enabled: tuple[str, ...]
    skill_id: str


def cache_folder() -> Path:
    """ARBITER_CACHE, or ~/.cache/arbiter."""
    return Path(os.environ.get("ARBITER_CACHE") or Path.home() / ".cache" / "arbiter")


def trained(plan: Plan, cache: Path) -> Trained:
    """The model of a plan; made where the cache has none of this plan and this code.

    What was cut short goes on where it was: the world is kept, `arbiter run` resumes.

    Raises:
        subprocess.CalledProcessError: A command failed; it has said why.
        ValueError: The world is too small to have a test request.
    """
    folder = cache / "bench-shortlister" / key_of(plan)
    if (folder / _DONE).is_file():
        return msgspec.json.decode((folder / _DONE).read_bytes(), type=Trained)
    folder.mkdir(parents=True, exist_ok=True)
    world, work = folder / "world", folder / "work"
    if not (world / CATALOGUE).is_file():
        sizes = msgspec.structs.asdict(plan.world)
        given = [f"--{name}={sizes[name]}" for name in ("skills", "customers", "requests", "seed")]
        _arbiter("simulate", str(world), *given)
    settings = [word for setting in plan.settings for word in ("--set", setting)]
    _arbiter("run", str(world), "--workspace", str(work), "--until", SHORTLISTER, *settings)
    history = History(Workspace.existing(work))
    model, run, examples = (
        Path(history.newest_output(node, output) or "")
        for node, output in ((SHORTLISTER, "model"), (SHORTLISTER, "model_run"), (LABEL, "labelled"))
    )
    requests = folder / "requests.jsonl"
    tested = [msgspec.json.encode(each) for each in _tested(examples)]
    if not tested:
        raise ValueError(f"{examples} must hold labelled test requests. Received: none")
    requests.write_bytes(b"\n".join(tested) + b"\n")
    made = Trained(
        version_folder=str(version_folder_in(model)),
        requests=str(requests),
        seconds=round(_seconds(run / _RECORD), 1),
    )
    atomic_write(folder / _DONE, msgspec.json.encode(made))
    return made


def _tested(examples: Path) -> Iterator[Asked]:
    """Test requests that one skill is known to be right for, at most `_TESTED`."""
    count = 0
    for path in split_files(examples, "test"):
        for record in read_records(path):
            labelled = labelled_from(decode(record))
            request, skill_id = labelled.request, labelled.label.skill_id
            if skill_id is not None and count < _TESTED:
                count += 1
                yield Asked(request.utterance, request.enabled_skills, skill_id)


def _seconds(record: Path) -> float:
    """That the epochs of a training took, those from before an interruption too."""
    epochs = msgspec.json.decode(record.read_bytes())["epochs"]
    return float(sum(epoch["seconds"] + epoch["dev_seconds"] for epoch in epochs))


def _arbiter(*arguments: str) -> None:
    """One command, its lines on standard error."""
    command = [sys.executable, "-m", "pipelines.cli", *arguments]
    subprocess.run(command, check=True, stdout=sys.stderr.fileno())


def key_of(plan: Plan) -> str:
    """Of the plan and of the code that the model comes from."""
    digest = hashlib.sha256(msgspec.json.encode(plan))
    root = Path(components.__path__[0])
    for part in _PARTS:
        for source in sorted((root / part).rglob("*.py")):
            digest.update(source.relative_to(root).as_posix().encode() + source.read_bytes())
    return f"{plan.world.skills}-{digest.hexdigest()[:16]}"
