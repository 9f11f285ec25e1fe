"""What measuring predictions in 300 slices takes, and what the same takes with TFMA's own metrics.

    arbiter bench evaluation --requests 100000 --peers 2000 [--output docs/results]

Predictions drawn with known rates, as Rank writes them, are evaluated as the Evaluator does it: read, judged,
counted in every slice through TFMA, with the intervals of 1,000 resamples in every slice, and compared with a
baseline on the same requests. The peers measure a few of the figures on the first requests of the same
judgements. Seconds are of the processor, of all threads, which a busy machine leaves comparable, and by the
clock. Imports are not in them. Exits 1 where the Evaluator takes more than two minutes of the processor.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from benchmarks.ablations.table import Grid, Table
from benchmarks.evaluation_peers import TFMA_METRICS, by_sklearn, by_tfma, furthest
from benchmarks.evaluation_world import write_world
from components.evaluate.evaluation import Evaluation
from components.evaluate.metrics import meanings
from components.evaluate.options import EvaluateOptions
from components.evaluate.run import evaluate, judged
from components.evaluate.slicing import slices_of
from components.evaluate.table import read_table
from components.evaluate.tally import tally
from components.evaluate.verdict import Round

_MOST_SECONDS = 120.0
_SKILLS = 1_500
_DOMAINS = 140
_BEAM = ("--runner=FnApiRunner", "--direct_running_mode=in_memory", "--sdk_container_image=none")
_METHOD = """{requests} predictions of five hypotheses, {skills} skills in {domains} domains, {slices} slices,
{metrics} metrics. A tenth of the requests is out of scope; four fifths of the others are annotated with
intent and slot. {cores} core(s), load average {load:.1f}. Seconds are of the processor, of all threads, and
by the clock; imports are not in them. The peers measure the first requests alone, in the same slices; what
they would take for all is what a further request took, times their number."""


class Took(NamedTuple):
    """Seconds of the processor and by the clock."""

    cpu: float
    wall: float


def timed(work: Callable[[], Any]) -> tuple[Any, Took]:
    """What `work` gives and took."""
    cpu, wall = time.process_time(), time.perf_counter()
    result = work()
    return result, Took(time.process_time() - cpu, time.perf_counter() - wall)


def evaluated(
    paths: dict[str, Path], output: Path, options: EvaluateOptions, baseline: Path | None = None
) -> Evaluation:
    """The Evaluator's work, with what it writes in `output`."""
    import apache_beam as beam

    output.mkdir()
    found, _ = evaluate(
        **paths,
        examples=None,
        baseline=baseline,
        evaluation=output,
        verdict=output,
        options=options,
        make_pipeline=lambda: beam.Pipeline(argv=list(_BEAM)),
        judgement=Round(),
    )
    return found


def own(paths: dict[str, Path], folder: Path) -> tuple[Grid, Evaluation, float]:
    """Ours, step by step; the last evaluation, and the processor's seconds that it took."""
    few = write_world(folder / "few", requests=50, domains=3, skills=7, seed=0)
    evaluated(few, folder / "imports", EvaluateOptions())
    _, read = timed(lambda: judged(**paths, examples=None, options=EvaluateOptions()))
    found, plain = timed(lambda: evaluated(paths, folder / "plain", EvaluateOptions(resamples=0)))
    _, drawn = timed(lambda: evaluated(paths, folder / "drawn", EvaluateOptions()))
    compared, both = timed(
        lambda: evaluated(paths, folder / "both", EvaluateOptions(), baseline=folder / "drawn")
    )
    intervals = sum(map(len, compared.intervals.values()))
    differences = sum(map(len, compared.differences.values()))
    rows = [
        ("read and judged", *_seconds(read)),
        (f"with every metric in {len(found.slices)} slices", *_seconds(plain)),
        (f"with {intervals} intervals of 1,000 resamples", *_seconds(drawn)),
        (f"with {differences} differences from a baseline", *_seconds(both)),
    ]
    return Grid("The Evaluator.", ("", "processor s", "clock s"), rows), compared, both.cpu


def peers(folder: Path, requests: int, full: int) -> Grid:
    """The peers on the first `requests` judgements in `folder`, and as if on `full`."""
    table = read_table(folder)
    half, whole = (table.take(np.arange(size)) for size in (requests // 2, requests))
    slices, fewer = slices_of(whole).rows, slices_of(half).rows
    ours = {name: tally(whole.take(rows)).metrics() for name, rows in slices.items()}
    _, own_half = timed(lambda: [tally(half.take(rows)).metrics() for rows in fewer.values()])
    _, own_whole = timed(lambda: [tally(whole.take(rows)).metrics() for rows in slices.values()])
    sklearn, sklearn_whole = timed(lambda: by_sklearn(whole, slices))
    _, sklearn_half = timed(lambda: by_sklearn(half, fewer))
    by_tfma(table.take(np.arange(100)))  # imports
    _, tfma_half = timed(lambda: by_tfma(half))
    tfma, tfma_whole = timed(lambda: by_tfma(whole))
    few = table.take(np.arange(100))
    _, bootstrapped = timed(lambda: by_tfma(few, intervals=True))
    rows = [
        ("ours, all metrics, without Beam", *_grown(own_half, own_whole, requests, full), 0.0),
        (
            "scikit-learn, five metrics",
            *_grown(sklearn_half, sklearn_whole, requests, full),
            furthest(ours, sklearn),
        ),
        (
            f"TFMA's own, {len(TFMA_METRICS)} metrics and a plot",
            *_grown(tfma_half, tfma_whole, requests, full),
            furthest(ours, tfma),
        ),
    ]
    said = (
        f"The peers on {requests} judgements in {len(slices)} slices. TFMA's own intervals of its "
        f"{len(TFMA_METRICS)} metrics (Poisson bootstrap, 20 resamples) took {bootstrapped.cpu:.0f} s of the "
        "processor on 100 judgements."
    )
    columns = ("", "processor s", f"for {full}, s", "furthest from ours")
    return Grid(said, columns, [(*row[:3], f"{row[3]:.0e}") for row in rows])


def _grown(half: Took, whole: Took, requests: int, full: int) -> tuple[str, str]:
    """Processor seconds on `requests`, and on `full` as far as half of them tells."""
    each = max(whole.cpu - half.cpu, 0.0) / (requests - requests // 2)
    return f"{whole.cpu:.2f}", f"{whole.cpu + each * (full - requests):.0f}"


def _seconds(took: Took) -> tuple[str, str]:
    return f"{took.cpu:.1f}", f"{took.wall:.1f}"


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the page, and writes it where that is asked for. Returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench evaluation",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--requests", type=int, default=100_000, metavar="N")
    parser.add_argument(
        "--peers", type=int, default=2_000, metavar="N", help="requests that the peers measure"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="of the page; none is written without")
    chosen = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as made:
        folder = Path(made)
        paths = write_world(
            folder / "world", requests=chosen.requests, domains=_DOMAINS, skills=_SKILLS, seed=chosen.seed
        )
        ours, found, seconds = own(paths, folder)
        others = peers(folder / "both", min(chosen.peers, chosen.requests), chosen.requests)
    method = _METHOD.format(
        requests=chosen.requests,
        skills=_SKILLS,
        domains=_DOMAINS,
        slices=len(found.slices),
        metrics=len(meanings()),
        cores=len(os.sched_getaffinity(0)),
        load=os.getloadavg()[0],
    )
    page = Table("Measuring predictions", method, [ours, others])
    print(page.markdown())
    if chosen.output is not None:
        command = f"arbiter bench evaluation --requests {chosen.requests} --peers {chosen.peers}"
        page.write(chosen.output / "evaluation.md", f"{command} --seed {chosen.seed}")
    return int(seconds > _MOST_SECONDS)


if __name__ == "__main__":
    raise SystemExit(main())
