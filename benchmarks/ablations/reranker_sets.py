"""R0 to R3 on the hypotheses of real requests, as the models tell them and with temperatures put on them."""

from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.ablations.statistics import difference
from benchmarks.ablations.table import Grid
from benchmarks.miscalibrated_world import DomainLists, Outcome, answers, temperatures
from benchmarks.system.domain_lists import domain_lists, domain_names, tempered
from benchmarks.system.figures import LEAST
from benchmarks.system.made import System
from components.records.hypothesis_list import HypothesisList
from components.records.reranker import LOSSES, Reranker
from components.reranker.compare import judgeable
from components.reranker.fit import calibrated, fit
from components.reranker.reliability import curves, worst_domain

_SHIPPED = "R3 calibrated"
_ROWS = (*LOSSES, _SHIPPED)
_SHARE = 2 / 3  # of the rank split's customers, from which a seed's weights are learnt


def set_grids(name: str, system: System, seeds: Sequence[int]) -> list[Grid]:
    """The tables of a set: weights learnt from its rank split, judged on its test split."""
    domain_of = system.domain_of()
    rank, test = (list(judgeable(system.lists(split))) for split in ("rank", "test"))
    names = domain_names(rank, domain_of)
    order = np.random.default_rng(0).permutation(sorted(names)).tolist()
    heat = dict(zip(order, temperatures(len(names)).tolist(), strict=True))
    groups = [listed.request.customer_id or listed.request.request_id for listed in test]
    grids = []
    for what, temperature in (("as the models tell them", {}), ("with temperatures of 0.3 to 3", heat)):
        learnt = [tempered(listed, temperature) for listed in rank]
        parts = domain_lists([tempered(listed, temperature) for listed in test], domain_of, names)
        found = [
            _outcomes(domain_lists(_drawn(learnt, seed), domain_of, names), parts, names) for seed in seeds
        ]
        numbers = np.unique(np.concatenate([part.request for part in parts])).tolist()
        title = f"{name}, {what}"
        grids += [
            _losses(title, found, list(names)),
            _differences(title, found, [groups[n] for n in numbers]),
        ]
    return grids


def _drawn(lists: Sequence[HypothesisList], seed: int) -> list[HypothesisList]:
    """The lists of some customers."""
    customers = sorted({listed.request.customer_id or listed.request.request_id for listed in lists})
    rng = np.random.default_rng(seed)
    kept = {
        customer for customer, at in zip(customers, rng.random(len(customers)), strict=True) if at < _SHARE
    }
    return [each for each in lists if (each.request.customer_id or each.request.request_id) in kept]


def _outcomes(
    learnt: Sequence[DomainLists], judged: Sequence[DomainLists], names: Mapping[str, tuple[str, ...]]
) -> dict[str, Outcome]:
    by_loss: dict[str, dict[int, Reranker]] = {row: {} for row in _ROWS}
    for number, (part, features) in enumerate(zip(learnt, names.values(), strict=True)):
        own = part.lists.own
        for loss in LOSSES:
            used = loss if own.any() else "R0"
            share = float(own.mean()) if len(own) else 0.0
            by_loss[loss][number] = fit(part.lists, features, loss=used, own_share=share)
        fitted = by_loss["R3"][number]
        by_loss[_SHIPPED][number] = calibrated(fitted, part.lists) if own.any() else fitted
    return {row: answers(judged, rerankers) for row, rerankers in by_loss.items()}


def _losses(title: str, seeds: Sequence[Mapping[str, Outcome]], names: Sequence[str]) -> Grid:
    rows: list[tuple[str | float, ...]] = []
    for row in _ROWS:
        found = [curves({row: outcomes[row].answers}, dict(enumerate(names))) for outcomes in seeds]
        worst = [worst_domain(each, row, least=LEAST) for each in found]
        enough = max(worst) > 0.0  # else no domain has so many
        rows.append(
            (
                row,
                float(np.mean([each[0].ece for each in found])),
                float(np.mean([each[0].floor for each in found])),
                float(np.mean(worst)) if enough else "-",
                max(worst) if enough else "-",
                float(np.mean([np.nanmean(outcomes[row].semer) for outcomes in seeds])),
                float(np.mean([1.0 - outcomes[row].answers.right.mean() for outcomes in seeds])),
            )
        )
    requests = len(seeds[0][_SHIPPED].semer)
    columns = ("re-ranker", "ECE", "by chance alone", "worst domain", "in the worst seed", "SemER", "IRER")
    return Grid(f"{title}: {requests:,} test requests.", columns, rows)


def _differences(title: str, seeds: Sequence[Mapping[str, Outcome]], groups: Sequence[str]) -> Grid:
    rows = []
    for better, worse in ((_SHIPPED, "R0"), (_SHIPPED, "R1"), (_SHIPPED, "R2")):
        right = difference(
            [o[better].answers.right for o in seeds], [o[worse].answers.right for o in seeds], groups
        )
        both = np.logical_and.reduce([np.isfinite(o[row].semer) for o in seeds for row in (better, worse)])
        kept = [group for group, told in zip(groups, both.tolist(), strict=True) if told]
        semer = difference(
            [o[better].semer[both] for o in seeds], [o[worse].semer[both] for o in seeds], kept
        )
        rows.append((f"{better} - {worse}", right.mean, right.range, semer.mean, semer.range))
    columns = ("difference", "share right", "95 % interval", "SemER", "95 % interval ")
    return Grid(f"{title}: paired differences on the same requests.", columns, rows)
