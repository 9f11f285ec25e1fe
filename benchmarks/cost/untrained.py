"""A Shortlister of any size that has learnt nothing: what it costs is what a trained one costs."""

import shutil
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.cost.trained import Asked, Trained
from components.records.manifest import Calibration, Manifest, Refusal
from components.shortlister.export import export
from components.shortlister.options import ShortlisterOptions
from components.shortlister.train import build_network, text_encoder
from components.simulate.grammar import Grammar
from components.simulate.options import SimulateOptions
from components.simulate.requests import requests
from components.simulate.world import World

_TRAINING_REQUESTS = 240_000  # the tables are as large as that many need
_WORLD = SimulateOptions(skills=1_500, customers=1_000, requests=10_000)
_ENABLED = 10
_REFUSAL = Refusal(
    weights=(0.1, 0.1, 0.1, 0.1),
    intercept=0.0,
    threshold=0.0,
    false_acceptance=0.1,
    certainty=0.95,
    bound=0.1,
    false_rejection=0.1,
    out_of_scope=1_000,
    in_scope=1_000,
)


def untrained(skills: int, folder: Path, *, seed: int) -> Trained:
    """Exports a network with random weights; the utterances are those of a simulated world."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    options = ShortlisterOptions(seed=seed).sized(_TRAINING_REQUESTS)
    skill_ids = tuple(f"simulated_skill_{number:06}" for number in range(skills))
    manifest = Manifest(
        kind="shortlister",
        skill_ids=skill_ids,
        domains=("Simulated",) * skills,
        calibration=Calibration(),
        catalogue_hash="",
        refusal=_REFUSAL,
    )
    network = build_network(options, skills=skills)
    export(network, text_encoder(options), manifest, folder / "1")
    rng = np.random.default_rng(seed)
    lines = []
    for request in requests(World(msgspec.structs.replace(_WORLD, seed=seed), Grammar())):
        enabled = tuple(skill_ids[n] for n in rng.integers(0, skills, _ENABLED))
        lines.append(msgspec.json.encode(Asked(request.utterance, enabled, skill_ids[0])))
    (folder / "requests.jsonl").write_bytes(b"\n".join(lines) + b"\n")
    return Trained(version_folder=str(folder / "1"), requests=str(folder / "requests.jsonl"), seconds=0.0)
