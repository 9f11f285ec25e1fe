"""What a re-ranker is to be fitted to: R0 to R3 in a world whose domains are mis-calibrated on purpose, and
on the hypotheses that whole systems made of real requests."""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np

from benchmarks.ablations.options import AblationOptions
from benchmarks.ablations.parts import parts_of
from benchmarks.ablations.reranker_sets import set_grids
from benchmarks.ablations.statistics import difference
from benchmarks.ablations.table import Grid, Table
from benchmarks.miscalibrated_world import FEATURES, DomainLists, Outcome, answers, temperatures, world
from benchmarks.system.figures import LEAST
from components.records.reranker import LOSSES, Reranker
from components.reranker.fit import calibrated, fit
from components.reranker.independent import own_choice
from components.reranker.lists import Floats
from components.reranker.prior import weights_to
from components.reranker.reliability import curve, curves, worst_domain

_DOMAINS = 8
_NAMES = {number: f"{number + 1}" for number in range(_DOMAINS)}
_TRUE = "R0, no temperature"
_SHIPPED = "R3 calibrated"
_OWN_CHOICE = "R3 calibrated, own choice"
_UNDECLARED = "R3 calibrated, own choice, no declared prior"
_METHOD = """\
The mis-calibrated world: {domains} domains, {requests} requests a seed, a quarter of them to fit
the weights and the rest to judge. The log-odds of each domain's models are divided by a
temperature, {least:.1f} for the first domain to {most:.1f} for the last; without it R0 is
calibrated by construction. An answer is the best hypothesis over all domains, the event of its
confidence that the whole hypothesis is right. Means over {seeds} seeds; ECE over 15 bins of equal
width. Own choice: each domain learns from its own requests and as many foreign ones as it likes,
from one for each two of its own to four for each.

The public sets: the hypotheses of the system of `arbiter bench whole_system`, one training. A
seed's weights are learnt from two thirds of the rank split's customers, and judged on test. The
worst domain is of those that gave {enough} answers or more. An answer for another right skill has
no frame: it is in no SemER, and not right here. Temperatures are put on the log-odds of domain,
intent and slots, on rank and test alike, in random order of the domains."""
_ROWS = (_TRUE, *LOSSES, _SHIPPED, _OWN_CHOICE, _UNDECLARED)


def measure(options: AblationOptions) -> Table:
    """The parts of `--rows` (a world, the public sets), else all; what a set gave is kept in the cache."""
    temperature = temperatures(_DOMAINS)
    return Table(
        "Re-rankers: losses",
        _METHOD.format(
            domains=_DOMAINS,
            requests=options.requests,
            least=temperature[0],
            most=temperature[-1],
            seeds=len(options.seeds),
            enough=LEAST,
        ),
        parts_of(options, "rerankers", lambda: _of_world(options, temperature), set_grids),
    )


def _of_world(options: AblationOptions, temperature: Floats) -> list[Grid]:
    """Every row is fitted on a quarter of the requests, and judged on the rest."""
    seeds = [_outcomes(options.requests, temperature, seed) for seed in options.seeds]
    groups = [str(n) for n in range(len(seeds[0][_SHIPPED].semer))]
    return [_losses(seeds), _by_domain(seeds, temperature), _differences(seeds, groups)]


def _outcomes(requests: int, temperature: Floats, seed: int) -> dict[str, Outcome]:
    parts = world(requests // 4, temperature, seed=2 * seed, tv_bonus=1.0)
    seen = world(requests - requests // 4, temperature, seed=2 * seed + 1, tv_bonus=1.0)
    true = world(requests - requests // 4, np.ones(_DOMAINS), seed=2 * seed + 1, tv_bonus=1.0)
    fitted = {loss: {d: _fit(part, loss) for d, part in enumerate(parts)} for loss in LOSSES}
    found = {loss: answers(seen, rerankers) for loss, rerankers in fitted.items()}
    found[_TRUE] = answers(true, fitted["R0"])
    found[_SHIPPED] = answers(seen, {d: calibrated(fitted["R3"][d], p.lists) for d, p in enumerate(parts)})
    for name, declared in ((_OWN_CHOICE, True), (_UNDECLARED, False)):
        found[name] = answers(seen, _own_choices(parts, declared=declared, seed=seed))
    return found


def _fit(part: DomainLists, loss: str) -> Reranker:
    return fit(part.lists, FEATURES, loss=loss, own_share=float(part.lists.own.mean()))


def _own_choices(parts: Sequence[DomainLists], *, declared: bool, seed: int) -> dict[int, Reranker]:
    found = {}
    for number, part in enumerate(parts):
        foreign = (0.5, 1.0, 2.0, 4.0)[number % 4]
        lists = own_choice(part.lists, foreign=foreign, rng=np.random.default_rng([seed, number]))
        share = float(part.lists.own.mean())
        if declared:
            lists = dataclasses.replace(lists, weight=weights_to(lists.own, share))
        found[number] = calibrated(fit(lists, FEATURES, loss="R3", own_share=share), lists)
    return found


def _losses(seeds: Sequence[Mapping[str, Outcome]]) -> Grid:
    rows = []
    for name in _ROWS:
        found = [curves({name: outcomes[name].answers}, _NAMES) for outcomes in seeds]
        worst = [worst_domain(each, name) for each in found]
        rows.append(
            (
                name,
                float(np.mean([each[0].ece for each in found])),
                float(np.mean([each[0].floor for each in found])),
                float(np.mean(worst)),
                max(worst),
                float(np.mean([outcomes[name].semer.mean() for outcomes in seeds])),
                float(np.mean([1.0 - outcomes[name].answers.right.mean() for outcomes in seeds])),
            )
        )
    columns = (
        "re-ranker",
        "ECE",
        "by chance alone",
        "ECE of the worst domain",
        "in the worst seed",
        "SemER",
        "IRER",
    )
    return Grid("Calibration across domains, and errors. SemER is the mean over requests.", columns, rows)


def _by_domain(seeds: Sequence[Mapping[str, Outcome]], temperature: Floats) -> Grid:
    rows: list[tuple[str | float, ...]] = []
    for number, value in enumerate(temperature.tolist()):
        figures = [
            float(np.mean([curve(name, None, o[name].answers.of(number)).ece for o in seeds]))
            for name in _ROWS
        ]
        rows.append((_NAMES[number], f"{value:.2f}", *figures))
    return Grid("ECE of each domain's answers.", ("domain", "temperature", *_ROWS), rows)


def _differences(seeds: Sequence[Mapping[str, Outcome]], groups: Sequence[str]) -> Grid:
    pairs = [(_SHIPPED, "R0"), (_SHIPPED, "R1"), (_SHIPPED, "R2"), ("R3", "R2"), (_SHIPPED, _UNDECLARED)]
    rows = []
    for better, worse in pairs:
        right = difference(
            [o[better].answers.right for o in seeds], [o[worse].answers.right for o in seeds], groups
        )
        semer = difference([o[better].semer for o in seeds], [o[worse].semer for o in seeds], groups)
        rows.append((f"{better} - {worse}", right.mean, right.range, semer.mean, semer.range))
    columns = ("difference", "share right", "95 % interval", "SemER", "95 % interval ")
    return Grid("Paired differences on the same requests.", columns, rows)
