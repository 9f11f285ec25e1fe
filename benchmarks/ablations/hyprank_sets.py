"""HypRank's losses and views of the list, its features by group, and LambdaMART, on real hypotheses."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.ablations.statistics import difference, estimate
from benchmarks.ablations.table import Grid
from benchmarks.lambdamart import lambdamart
from benchmarks.system.made import System
from components.hyprank.gather import rank_lists, skill_table
from components.hyprank.lists import RankLists
from components.hyprank.options import HypRankOptions
from components.hyprank.pseudo_labels import pseudo_labelled
from components.hyprank.read import read_reranked
from components.hyprank.train import scored, train
from components.records.artifact_files import read_popularity
from components.records.hyprank.features import (
    CONTINUES,
    FEATURES,
    LATER_TURN,
    READ,
    SAME_DOMAIN,
    SAME_INTENT,
    SHORTLISTER,
    VECTORS,
)

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]

SETS_METHOD = """\
The public sets: the re-ranked hypotheses of the system of `arbiter bench whole_system`, one
training. Rankers learn from the rank split, stop by dev and are judged on test, over all requests
with a right skill: where no candidate is right, nobody is. Right is `skill_id` or a skill that
serves the same. The options are the defaults but for what a row names; seeds are of the rankers."""

_FULL = "list-wise, LSTM_C"
_FIRST, _RERANKED, _BEST = "Shortlister's order", "re-rankers' order", "a right skill is in the list"
_TREES = "LambdaMART"
_LABELS = "list-wise, LSTM_C, pseudo-labels"
_MODELS: Mapping[str, Mapping[str, str]] = {
    "point-wise, no LSTM": {"loss": "point", "context": "none"},
    "pair-wise, no LSTM": {"loss": "pair", "context": "none"},
    "list-wise, no LSTM": {"context": "none"},
    "point-wise, LSTM_C": {"loss": "point"},
    "pair-wise, LSTM_C": {"loss": "pair"},
    "list-wise, LSTM_O": {"context": "only"},
    "list-wise, LSTM sum": {"context": "sum"},
    _FULL: {},
}
_WITHOUT: Mapping[str, Sequence[str]] = {
    "domain models": ("domain", "intent", "slots", "reranker", READ),
    "dialogue": (CONTINUES, SAME_DOMAIN, SAME_INTENT, LATER_TURN),
    "names of intent and slots": FEATURES[-VECTORS:],
    "Shortlister's score": (SHORTLISTER,),
}


class _Data(NamedTuple):
    """A set's lists, and the skill table."""

    rank: RankLists
    dev: RankLists
    test: RankLists
    table: Floats

    def without(self, names: Sequence[str]) -> "_Data":
        """The same with these features at 0."""
        columns = [FEATURES.index(name) for name in names]
        rank, dev, test = (_cleared(lists, columns) for lists in self[:3])
        return _Data(rank, dev, test, self.table)


def set_grids(name: str, system: System, seeds: Sequence[int]) -> list[Grid]:
    """The tables of a set."""
    catalogue, counts = system.skills(), read_popularity(system.popularity)
    rerankers = system.rerankers()
    rank, dev, test = (
        read_reranked(system.hypotheses, split, rerankers) for split in ("rank", "dev", "test")
    )
    test = [each for each in test if each.request.skill_id and each.request.outcome != "rejected"]
    lists, dev_lists, judged = (rank_lists(split, catalogue) for split in (rank, dev, test))
    data = _Data(lists, dev_lists, judged, skill_table(catalogue, counts))
    labelled, report = pseudo_labelled(rank, dev, counts, system.domain_of(), likely=HypRankOptions().likely)
    taught = data._replace(rank=rank_lists(labelled, catalogue))
    found = [_right(data, taught if report.labels else None, seed) for seed in seeds]
    without = {row: _trained(part, seeds[0], {}) for row, part in _without(data)}
    groups = [each.request.customer_id or each.request.request_id for each in test]
    pairs = [
        ("list-wise, no LSTM", "pair-wise, no LSTM"),
        ("pair-wise, no LSTM", "point-wise, no LSTM"),
        *((_FULL, row) for row in found[0] if row not in (_FULL, _LABELS, _BEST) and "no LSTM" not in row),
        *([(_LABELS, _FULL)] if report.labels else []),
    ]
    rows = []
    for row in found[0]:
        mean = estimate([outcome[row] for outcome in found], groups)
        rows.append((row, mean.mean, mean.range, mean.minimum))
    gaps = []
    for better, worse in pairs:
        gap = difference(
            [outcome[better] for outcome in found], [outcome[worse] for outcome in found], groups
        )
        gaps.append((f"{better} - {worse}", gap.mean, gap.range))
    parts = []
    for row, right in without.items():
        gap = difference([right], [found[0][_FULL]], groups)
        parts.append((row, float(right.mean()), gap.mean, gap.range))
    sizes = f"{name}: {len(rank):,} lists to learn from, {len(dev):,} to stop by, {len(test):,} to judge"
    labels = f"{report.labels:,} pseudo-labels on {report.requests:,} of the lists to learn from"
    return [
        Grid(f"{sizes}; {labels}.", ("ranker", "top-1", "95 % interval", "worst seed"), rows),
        Grid(f"{name}: paired differences.", ("difference", "top-1", "95 % interval"), gaps),
        Grid(
            f"{name}: {_FULL} with a group of features at 0, seed {seeds[0]}, and what that changes.",
            ("without", "top-1", "difference", "95 % interval"),
            parts,
        ),
    ]


def _right(data: _Data, taught: _Data | None, seed: int) -> dict[str, Bools]:
    """For each ranker, whether what it puts first is right, [N]."""
    test = data.test
    right = test.right_any & test.mask
    found: dict[str, Bools] = {
        _BEST: np.logical_or.reduce(right, axis=1),
        _FIRST: _first_is_right(test.features[..., FEATURES.index(SHORTLISTER)], test),
        _RERANKED: right[:, 0],
        _TREES: _first_is_right(lambdamart(data.rank, data.dev, test, data.table, seed=seed), test),
    }
    for name, change in _MODELS.items():
        found[name] = _trained(data, seed, change)
    if taught is not None:
        found[_LABELS] = _trained(taught, seed, {})
    return found


def _without(data: _Data) -> Iterator[tuple[str, _Data]]:
    for group, names in _WITHOUT.items():
        yield group, data.without(names)
    yield "skill table", data._replace(table=np.zeros_like(data.table))


def _trained(data: _Data, seed: int, change: Mapping[str, str]) -> Bools:
    """For a training of HypRank, whether what it puts first is right, [N]."""
    options = msgspec.structs.replace(HypRankOptions(seed=seed), **change)
    key = FEATURES.index(SHORTLISTER)
    network = train(data.rank, data.dev, data.table, options, key=key, vectors=VECTORS).network
    scores = np.asarray(scored(network, data.test, data.table).scores)
    print(f"  seed {seed} {dict(change)}", flush=True)
    return _first_is_right(scores, data.test)


def _cleared(lists: RankLists, columns: Sequence[int]) -> RankLists:
    features = lists.features.copy()
    features[..., columns] = 0.0
    return dataclasses.replace(lists, features=features)


def _first_is_right(scores: npt.NDArray[np.floating], lists: RankLists) -> Bools:
    if not lists.mask.shape[1]:
        return np.zeros(len(lists), bool)
    best = np.where(lists.mask, scores, -np.inf).argmax(axis=1)
    right: Bools = (lists.right_any & lists.mask)[np.arange(len(lists)), best]
    return right
