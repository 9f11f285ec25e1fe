"""Which loss and which view of the list HypRank needs, where the right answer depends on rivals, and on the
hypotheses that whole systems made of real requests."""

from collections.abc import Mapping

import msgspec
import numpy as np
import numpy.typing as npt

from benchmarks.ablations.hyprank_sets import SETS_METHOD, set_grids
from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.parts import parts_of
from benchmarks.ablations.statistics import difference, estimate
from benchmarks.ablations.table import Grid, Table
from benchmarks.lambdamart import lambdamart
from benchmarks.rival_world import FEATURES, KEY, TABLE, best_possible, rival_world
from components.hyprank.lists import RankLists
from components.hyprank.options import HypRankOptions
from components.hyprank.train import scored, train

Bools = npt.NDArray[np.bool_]

_FULL = "list-wise, LSTM_C"
_SHUFFLED = "list-wise, LSTM_C, lists shuffled"
_MODELS: Mapping[str, Mapping[str, str]] = {
    "point-wise, no LSTM": {"loss": "point", "context": "none"},
    "pair-wise, no LSTM": {"loss": "pair", "context": "none"},
    "list-wise, no LSTM": {"loss": "list", "context": "none"},
    "point-wise, LSTM_C": {"loss": "point"},
    "pair-wise, LSTM_C": {"loss": "pair"},
    "list-wise, LSTM_O": {"context": "only"},
    "list-wise, LSTM sum": {"context": "sum"},
    _FULL: {},
    _SHUFFLED: {"order": "given"},
}
_FIRST = "the first of the list"
_TREES = "LambdaMART"


def measure(options: AblationOptions) -> Table:
    """The parts of `--rows` (a world, the public sets), else all; what a set gave is kept in the cache."""
    size = options.requests // 8
    best = float(np.mean([best_possible(4 * size, seed=_test_seed(seed)) for seed in options.seeds]))
    return Table(
        "HypRank: losses and views of the list",
        f"The made-up lists: two to five hypotheses with the features {', '.join(FEATURES)}; the right one "
        "is drawn by its fit beside the others', another signal, and being the only enabled one of its list. "
        f"{size} lists to learn from, {size // 2} to stop by, {4 * size} to judge, of which a tenth has no "
        f"right answer and is left out of these figures. {len(options.seeds)} seed(s). Who knows the rule "
        f"reaches {best:.4f}. LambdaMART: LightGBM on the same features, its leaves and trees chosen on the "
        f"lists to stop by.\n\n{SETS_METHOD}",
        parts_of(options, "hyprank", lambda: _of_world(options), set_grids),
    )


def _of_world(options: AblationOptions) -> list[Grid]:
    """One training for each model and seed, on an eighth of the requests; a half of them to judge."""
    size = options.requests // 8
    settings = HypRankOptions(lstm_size=16, hidden_size=32)
    seeds = _equally_many([_right(size, seed, settings) for seed in options.seeds])
    groups = [str(n) for n in range(len(seeds[0][_FIRST]))]
    rows = []
    for name in seeds[0]:
        found = estimate([outcome[name] for outcome in seeds], groups)
        rows.append((name, found.mean, found.range, found.minimum))
    pairs = [
        ("list-wise, no LSTM", "pair-wise, no LSTM"),
        ("pair-wise, no LSTM", "point-wise, no LSTM"),
        (_FULL, "list-wise, no LSTM"),
        (_FULL, "pair-wise, LSTM_C"),
        (_FULL, "point-wise, LSTM_C"),
        (_FULL, "list-wise, LSTM_O"),
        (_FULL, "list-wise, LSTM sum"),
        (_FULL, _SHUFFLED),
        (_FULL, _TREES),
    ]
    gaps = []
    for better, worse in pairs:
        gap = difference([o[better] for o in seeds], [o[worse] for o in seeds], groups)
        gaps.append((f"{better} - {worse}", gap.mean, gap.range))
    return [
        Grid(
            "Made-up lists: top-1 over those with a right answer.",
            ("ranker", "top-1", "95 % interval", "worst seed"),
            rows,
        ),
        Grid("Made-up lists: paired differences.", ("difference", "top-1", "95 % interval"), gaps),
    ]


def _equally_many(seeds: list[dict[str, Bools]]) -> list[dict[str, Bools]]:
    """Each seed's first lists, as many as the seed with the fewest has."""
    fewest = min(len(outcome[_FIRST]) for outcome in seeds)
    return [{name: right[:fewest] for name, right in outcome.items()} for outcome in seeds]


def _test_seed(seed: int) -> int:
    return 3 * seed + 2


def _right(size: int, seed: int, settings: HypRankOptions) -> dict[str, Bools]:
    """Which test lists each ranker gets right, of those with a right answer."""
    lists, dev = rival_world(size, seed=3 * seed), rival_world(size // 2, seed=3 * seed + 1)
    test = rival_world(4 * size, seed=_test_seed(seed))
    test = test.take(np.flatnonzero(test.right.any(axis=1)))
    found = {_FIRST: test.right[:, 0]}
    for name, change in _MODELS.items():
        options = msgspec.structs.replace(settings, seed=seed, **change)
        shown = [lists, dev, test]
        if name == _SHUFFLED:
            shown = [each.shuffled(np.random.default_rng([seed, n])) for n, each in enumerate(shown)]
        network = train(shown[0], shown[1], TABLE, options, key=KEY).network
        found[name] = _first_is_right(np.asarray(scored(network, shown[2], TABLE).scores), shown[2])
    found[_TREES] = _first_is_right(lambdamart(lists, dev, test, TABLE, seed=seed), test)
    return found


def _first_is_right(scores: npt.NDArray[np.floating], lists: RankLists) -> Bools:
    best = np.where(lists.mask, scores, -np.inf).argmax(axis=1)
    right: Bools = lists.right[np.arange(len(lists)), best]
    return right
