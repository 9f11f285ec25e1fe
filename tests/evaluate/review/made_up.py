"""A made-up run of any size with every section that the page has."""

import random

from components.evaluate.differences import Comparison, Difference
from components.evaluate.evaluation import Bin, Curves, Evaluation
from components.evaluate.headlines import HEADLINES
from components.evaluate.options import ReviewOptions
from components.evaluate.review.confusions import Confusion
from components.evaluate.review.found import Cards, Found
from components.evaluate.review.loop import LookedAt, Loop, Mechanism
from components.evaluate.review.model_rows import ModelRow
from components.evaluate.review.overlaps import Overlaps, Pair
from components.evaluate.review.rankers import DOMAIN_FIGURES, of_reliability
from components.evaluate.slices import slice_name
from components.records.domain_signature import domain_model
from components.records.drift import Drift
from components.records.reliability import SERVED, Curve, Point, Reliability, WeightsInWords
from components.records.serving_cost import ServingCost
from components.records.verdict import Check, ModelVerdict, Verdict

LONG = "Überraschend lange Unterhaltung & Ähnliches 🎵 "
LOSSES = ("R0", "R1", "R2", "R3", SERVED)


def made_up(
    *, domains: int = 7, slices: int = 40, seed: int = 0, options: ReviewOptions | None = None
) -> Found:
    """A run with so many domains and slices; names are long and have characters of many kinds."""
    rng = random.Random(seed)
    names = [f"{LONG}{n:04d}" for n in range(domains)]
    return Found(
        evaluation=_evaluation(rng, names, slices),
        verdict=_verdict(names),
        options=options
        or ReviewOptions(command="arbiter run DATA --workspace WORK --set shortlister.seed=7"),
        confused=[_confusion(rng, n) for n in range((options or ReviewOptions()).max_confusions)],
        overlaps=_overlaps(rng, 20),
        ingest={"in": 100_000, "out": 99_000, "dead": 1_000, "reasons": {"bad_json": 900, "bad_value": 100}}
        | {"splits": {"train": 60_000, "test": 39_000}, "customers": {"train": 700, "test": 300}},
        gate={"checks": [{"name": "max_anomalies", "passed": True, "reason": "0 anomalies; allowed: 0"}]},
        loop=Loop(
            (
                Mechanism("Pseudo-labels", True, 1234, "rule likely"),
                Mechanism("Distillation", False, None, "off"),
            ),
            tuple(LookedAt("all", epoch, 0.5, 30, 20) for epoch in range(1, 6)),
        ),
        models=tuple(
            ModelRow(domain_model(name), name, 130, 600_000, 4_000_000, 1_000_000, 31.5, "7", "keras 3")
            for name in names
        ),
        cards=Cards(data=[(f"row {n}", "x" * 90) for n in range(200)], model=[("kind", "shortlister")]),
        rankers=_rankers(rng, names),
        drift=Drift(weeks=()),
        cost=ServingCost(
            requests=200,
            p50_ms=3.1,
            p99_ms=7.5,
            cpu_ms=3.0,
            empty_mb=40.0,
            resident_mb=140.0,
            processor="A processor",
            cores=4,
            load=0.5,
        ),
    )


def _evaluation(rng: random.Random, names: list[str], slices: int) -> Evaluation:
    every = ["all", *(slice_name("domain", name) for name in names)]
    every += [slice_name("device", f"device {n}") for n in range(slices - len(names))]
    metrics = {name: _metrics(rng, 10_000 // (n + 1)) for n, name in enumerate(every)}
    right = tuple(int(2 ** (n / 1.5)) for n in range(20))
    bins = tuple(
        Bin(count=3 + n * n, confidence=(n + 0.5) / 15, accuracy=min(1.0, (n + 1) / 15)) for n in range(15)
    )
    return Evaluation(
        split="test",
        slices=metrics,
        intervals={
            name: {
                metric: (0.9 * value, min(1.0, 1.1 * value)) for metric, value in found.items() if value <= 1
            }
            for name, found in metrics.items()
        },
        comparison=Comparison(
            differences={name: {m: _difference(rng) for m in HEADLINES} for name in every[:60]}, paired=9_000
        ),
        curves=Curves(
            recall=tuple(0.9 + 0.1 * (1 - 0.5**k) for k in range(10)),
            equal_width=bins,
            equal_mass=bins,
            right=right,
            wrong=tuple(reversed(right)),
        ),
        missing=("accuracy by seen_in_train: the labelled examples were not given",),
    )


def _metrics(rng: random.Random, count: int) -> dict[str, float]:
    shares = {name: round(rng.uniform(0.3, 1.0), 6) for name in (*HEADLINES, "icer", "dcer", "f_semer")}
    counts = dict.fromkeys(("requests", "answerable", "framed"), float(count))
    return shares | counts | {"out_of_scope": 3.0, "unlabelled": 2.0, "without_frame": 1.0}


def _difference(rng: random.Random) -> Difference:
    change = rng.gauss(0.0, 0.01)
    return Difference(
        before=0.5,
        after=0.5 + change,
        change=change,
        low=change - 0.01,
        high=change + 0.01,
        deviation=0.005,
        significant=abs(change) > 0.01,
    )


def _verdict(names: list[str]) -> Verdict:
    models = [
        ModelVerdict(
            model=domain_model(name), blessed=n > 0, words="Refused: top-1 fell." if n == 0 else "Good."
        )
        for n, name in enumerate(names)
    ]
    checks = [
        Check(
            name="max_domain_top1_drop",
            slice=slice_name("domain", name),
            metric="top1",
            value=0.8,
            threshold=0.7,
            passed=n > 0,
            reason=f"top-1 accuracy on {name} is 0.8000; at least 0.7000 is needed",
        )
        for n, name in enumerate(names)
    ]
    return Verdict(
        blessed=False,
        words="Not blessed: 1 of many checks failed.",
        checks=tuple(checks),
        models=tuple(models),
        forced="the holiday season begins",
    )


def _confusion(rng: random.Random, n: int) -> Confusion:
    said = tuple(
        " ".join(rng.choice(("play", "söme", "مرحبا", "音楽", "now")) for _ in range(30)) for _ in range(3)
    )
    return Confusion(truth=f"skill_{n}_{'x' * 30}", predicted=f"skill_{n + 1}", count=99 - n, examples=said)


def _overlaps(rng: random.Random, size: int) -> Overlaps:
    skills = tuple(f"skill_{n}_{'y' * 25}" for n in range(size))
    return Overlaps(
        pairs=tuple(Pair(a, b, 9, 2, 40) for a, b in zip(skills[::2], skills[1::2], strict=True)),
        skills=skills,
        requests=(40,) * size,
        matrix=tuple(
            tuple(29 if i == j else rng.choice((0, 0, 0, 1, 3)) for j in range(size)) for i in range(size)
        ),
    )


def _rankers(rng: random.Random, names: list[str]):
    def curve(loss: str, domain: str | None) -> Curve:
        points = tuple(
            Point(
                confidence=(n + 0.5) / 15,
                accuracy=min(1.0, max(0.0, (n + 0.5) / 15 + rng.gauss(0, 0.05))),
                low=0.0,
                high=1.0,
                requests=10 + n * n,
            )
            for n in range(15)
        )
        figures = {"ece": 0.05, "ece_mass": 0.05, "floor": 0.01, "brier": 0.1, "accuracy": 0.8}
        return Curve(loss=loss, domain=domain, requests=1165, points=points, **figures)

    words = tuple(f"for each unit of the log-odds of the signal number {n}: +0.{n}" for n in range(20))
    weights = {name: WeightsInWords(loss="R3", lists=500, own_share=0.2, words=words) for name in names}
    curves = tuple(curve(loss, domain) for loss in LOSSES for domain in (None, *names))
    return of_reliability(Reliability(split="test", curves=curves, weights=weights))._replace(
        models=tuple((name, dict.fromkeys(DOMAIN_FIGURES, 0.875)) for name in names),
        hyprank=(("dev_top1", 0.9, "share of dev lists"),),
    )
