"""Finding one of 3,964 Alexa skills by a held-out phrase, beside BM25 over name, description and phrases.

    python -m benchmarks.alexa_skills [--seeds 1 2 3] [--options JSON] [--part test] [--output FILE]

The last phrase of each skill is held out (`benchmarks.alexa_split`). Both systems get the same names,
descriptions and other phrases. Choices are made on the dev phrases (`--part dev`): BM25's k1 and b by top-5,
the Shortlister's options by hand with a smaller model of the same kind. Then both read the dev phrases too,
the Shortlister runs all its epochs, and test is looked at once a seed.

Ten enabled skills: the right one and nine drawn in proportion to one more than their reviews, or the nine
that BM25 with its usual constants finds first with the right skill's document as the query. BM25 then chooses
among the ten alone, where a tie counts as its chance to guess right; the Shortlister scores all skills and
has to take the hint. Both draws tell of the right skill by themselves: it has few reviews more often than
those drawn by them, and it is what its nine neighbours have in common. Rules that do not read the request
show how much. A third draw, a neighbourhood of ten that the right skill is in, hardly has this. The
Shortlister is trained with lists of its own, half of the nine from the skill's domain and the rest from all
skills alike, which do not tell this; `--lists drawn` trains it with lists drawn as for the test. Lists
are trusted as far as a list can be: the right skill is always in it.
"""

import argparse
import os
import platform
import time
from collections.abc import Sequence
from pathlib import Path

import msgspec
import numpy as np

from benchmarks.alexa_measures import MEASURES, Draws, Measured
from benchmarks.alexa_peers import bm25, chosen_bm25, list_alone, measure_bm25
from benchmarks.alexa_shortlister import lessons_of, measure_shortlister
from benchmarks.alexa_split import AlexaSplit, alexa_split
from benchmarks.enabled_draws import around_another, by_neighbourhood, by_reviews
from benchmarks.shortlister_runs import interval
from benchmarks.text_sets import data_folder
from components.records.atomic import atomic_write
from components.shortlister.catalogue_text import expected_rows
from components.shortlister.options import ShortlisterOptions

_OUTPUT = Path("docs/results/alexa_skills.md")
_OPTIONS = (
    '{"catalogue_start":true,"lexical":2,"catalogue_weight":0,"utterance_size":896,"gram_size":896,'
    '"gram_buckets":65536,"word_buckets":65536,"personalisation":"flag","pointer":false,"random_lists":0.2,'
    '"epochs":1,"batch_size":512,"learning_rate":0.0015,"dropout":0.1,"teacher":"minilm","distil_epochs":2}'
)


def _row(name: str, runs: Sequence[Measured]) -> str:
    """Mean over the seeds, the worst seed, and the interval of the mean."""
    cells = []
    for measure in MEASURES:
        if measure not in runs[0]:
            cells.append("-")
            continue
        low, high = interval(np.mean([run[measure] for run in runs], axis=0))
        worst = f", min {min(run[measure].mean() for run in runs):.3f}" if len(runs) > 1 else ""
        cells.append(f"{np.mean([run[measure].mean() for run in runs]):.3f}{worst} ({low:.3f} … {high:.3f})")
    return f"| {name} | {' | '.join(cells)} |"


def _difference(runs: Sequence[Measured], peer: Measured) -> str:
    cells = []
    for measure in MEASURES:
        gap = np.mean([run[measure] for run in runs], axis=0) - peer[measure]
        low, high = interval(gap)
        cells.append(f"{gap.mean():+.3f} ({low:+.3f} … {high:+.3f})")
    return f"| difference | {' | '.join(cells)} |"


def main(arguments: Sequence[str] | None = None) -> None:
    """Measures both systems; prints the table and, on test, writes it."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench alexa_skills",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--options", default=_OPTIONS, help="JSON of ShortlisterOptions")
    parser.add_argument("--lists", choices=("own", "drawn"), default="own", help="that it is trained with")
    parser.add_argument("--part", choices=("dev", "test"), default="test")
    parser.add_argument("--data", type=Path, default=data_folder())
    parser.add_argument("--output", type=Path, default=_OUTPUT)
    chosen = parser.parse_args(arguments)
    split = alexa_split(chosen.data / "alexa-skills")
    phrases, learned = (
        (split.dev, split.train) if chosen.part == "dev" else (split.test, (*split.train, *split.dev))
    )
    options = msgspec.json.decode(chosen.options, type=ShortlisterOptions).sized(
        len(learned) + expected_rows(len(split.skills), len(learned))
    )
    k1, b = chosen_bm25(split)
    peer = bm25(split, learned, k1=k1, b=b)
    usual = bm25(split, learned)
    draws: Draws = {
        "ten by reviews": lambda right, seed: by_reviews(split.skills, right, seed=seed),
        "ten neighbours": lambda right, seed: by_neighbourhood(usual.neighbours, right, seed=seed),
        "ten around another": lambda right, seed: around_another(
            usual.neighbours, len(split.skills), right, seed=seed
        ),
    }
    beside = measure_bm25(peer, phrases, draws)
    print(_row(f"BM25, k1={k1}, b={b}", [beside]), flush=True)
    lessons = lessons_of(split, learned, options)
    alone = list_alone(split, phrases, learned, draws)
    runs: list[Measured] = []
    seconds: list[float] = []
    report = ""
    for seed in chosen.seeds:
        started = time.perf_counter()
        runs.append(
            measure_shortlister(
                split,
                phrases,
                draws,
                learned,
                msgspec.structs.replace(options, seed=seed),
                lessons,
                like_test=chosen.lists == "drawn",
            )
        )
        seconds.append(time.perf_counter() - started)
        print(_row(f"Shortlister, seed {seed}, {seconds[-1]:.0f} s", runs[-1:]), flush=True)
        rows = [
            _row(f"BM25, k1={k1}, b={b}", [beside]),
            _row("Shortlister", runs),
            _difference(runs, beside),
            *(_row(rule, [measured]) for rule, measured in alone.items()),
        ]
        said = (
            f"Made by `arbiter bench alexa_skills` on {platform.machine()}, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}: seeds {', '.join(map(str, chosen.seeds[: len(runs)]))}, "
            f"{chosen.lists} lists, options `{chosen.options}`; "
            f"{np.mean(seconds):.0f} s a seed, beside other work."
        )
        report = _report_of(split, len(learned), said, rows)
        if chosen.part == "test":
            atomic_write(chosen.output, report)
    print(report)


def _report_of(split: AlexaSplit, learned: int, said: str, rows: Sequence[str]) -> str:
    """The page of results."""
    return "\n".join(
        [
            "# Finding a skill of the Alexa list by a held-out phrase",
            "",
            said,
            "",
            f"{len(split.skills):,} skills; {split.held_out:,} last phrases held out, {split.dropped:.1%} of "
            f"them dropped for fewer than two words left without carrier and name: {len(split.test):,} "
            f"scored ({len(split.dev):,} on dev). {learned:,} other phrases to learn from.",
            "",
            "Mean over the seeds, the worst seed, and the 95 % bootstrap interval over phrases. The last",
            "three columns are top-1 with ten enabled skills, the right one among them: nine drawn by",
            "reviews, BM25's neighbours of the right skill, or a skill and its neighbours of which the right",
            "one is any. BM25 chooses among the ten, the Shortlister among all. The rules at the end do not",
            "read the request.",
            "",
            f"| system | {' | '.join(MEASURES)} |",
            f"|---|{'---|' * len(MEASURES)}",
            *rows,
            "",
        ]
    )


if __name__ == "__main__":
    main()
