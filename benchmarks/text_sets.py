"""Two public sets of requests without customers: HWU64 and CLINC150."""

import os
from pathlib import Path

import numpy as np

from benchmarks.shortlister_runs import Bools
from components.importers.clinc150 import Clinc150
from components.importers.hwu64 import Hwu64, answerid_of, hwu64_fold
from components.importers.sgd import Sgd
from components.importers.source import Source
from components.records.request import Request
from components.records.text import normalise

SETS = ("hwu64", "clinc150")

_FOLDS = {0: "test", 1: "dev"}
_SGD_TURNS = 10_000

Splits = dict[str, list[Request]]


def data_folder() -> Path:
    """The public sets: ARBITER_DATA, or ../shared/data beside the repository."""
    default = Path(__file__).resolve().parents[2] / "shared" / "data"
    return Path(os.environ.get("ARBITER_DATA") or default)


def load(name: str, data: Path) -> tuple[Splits, list[str]]:
    """The requests of a set by split, and its skill ids."""
    source: Source = Hwu64(data / name) if name == "hwu64" else Clinc150(data / name)
    splits: Splits = {"train": [], "dev": [], "test": []}
    for request in source.requests():
        if isinstance(request, Request):
            split = request.split or "train"
            if name == "hwu64":
                split = _FOLDS.get(hwu64_fold(answerid_of(request.request_id)), "train")
            splits[split].append(request)
    return splits, [skill.skill_id for skill in source.skills()]


def unseen(splits: Splits) -> Bools:
    """Which in-scope test requests have an utterance that train lacks."""
    known = {normalise(request.utterance) for request in splits["train"]}
    scored = [request for request in splits["test"] if request.skill_id is not None]
    return np.array([normalise(request.utterance) not in known for request in scored])


def further_texts(name: str, data: Path) -> list[str]:
    """Texts without a label for a teacher to read beside the set's own: none of them is of the set."""
    others = [load(other, data)[0]["train"] for other in SETS if other != name]
    texts = [request.utterance for requests in others for request in requests]
    turns = [
        one.utterance
        for one in Sgd(data / "sgd").requests()
        if isinstance(one, Request) and one.split == "train"
    ]
    distinct = sorted(set(turns))
    chosen = np.random.default_rng(0).permutation(len(distinct))[:_SGD_TURNS]
    return texts + [distinct[place] for place in chosen]
