"""The whole system on real requests: routing, reading and confidence, against the targets.

    arbiter bench whole_system --data hwu64 sgd [--split dev] [--taught hwu64] [--output docs/results]

Imports the set, makes the whole system of it by `arbiter run` in ARBITER_CACHE (~/.cache/arbiter), and
judges what Rank recorded of a split: every request's best hypothesis, its intent, slots and confidence.
Beside it, on the same hypotheses: the Shortlister's first candidate, and the re-rankers' R0 and R3.
Everything is chosen on dev. --output writes whole_system.md; what a person says on the page stays.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from benchmarks.ablations.table import Grid, Table
from benchmarks.system.answers import Answer, by_reranker, judge
from benchmarks.system.figures import Event, Figures, figures, slices
from benchmarks.system.made import System, made_set
from benchmarks.system.page import ALL, SYSTEM, grids
from benchmarks.system.sets import SETS
from benchmarks.text_sets import data_folder
from components.reranker.options import RerankerOptions
from components.reranker.run import train_rerankers

_METHOD = """{sets}. Skill ids, intents and slots as the set has them; no enabled lists. A right skill is
`skill_id` or one that serves the same; SemER, IRER and slots are over the answers that have a reference
frame. ECE: 15 bins of equal width; of the whole system's confidence, that the skill is right; of R0 and R3,
that skill, intent and all slots are. Intervals: bootstrap over customers. All options are the defaults; the
Shortlister {taught}."""
_ABOUT = {
    "hwu64": "HWU64: the published KFold_1 train file, test = rows with sha256(answerid) mod 10 = 0, "
    "dev = 1; a skill is scenario_intent",
    "sgd": "SGD: its train files, split anew by dialogue; a request is a user's turn with what came before",
}


def measure(system: System, split: str) -> dict[tuple[str, str], Figures]:
    """The figures of a split by who answered and slice."""
    domain_of = system.domain_of()
    found: dict[tuple[str, str], Figures] = {}
    for who, event, answers in _answers(system, split):
        judged = judge(answers, domain_of)
        for part, rows in {ALL: np.ones(len(judged), bool), **slices(judged)}.items():
            found[who, part] = figures(judged.of(rows), event)
    return found


def _answers(system: System, split: str) -> Iterator[tuple[str, Event | None, list[Answer]]]:
    lists, domain_of = system.lists(split), system.domain_of()
    first = [Answer(each.request, each.hypotheses[0] if each.hypotheses else None, 0.0) for each in lists]
    yield "Shortlister", None, first
    unweighted = train_rerankers(lists, domain_of, RerankerOptions(loss="R0"))
    yield "R0", "whole", by_reranker(lists, unweighted)
    yield "R3", "whole", by_reranker(lists, system.rerankers())
    yield SYSTEM, "skill", list(system.answers(split))


def main(arguments: Sequence[str] | None = None) -> int:
    """Prints the tables, and writes the page where that is asked for."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench whole_system",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--data", nargs="+", choices=SETS, default=SETS)
    parser.add_argument("--split", choices=("dev", "test"), default="test")
    parser.add_argument(
        "--taught",
        nargs="+",
        choices=SETS,
        default=(),
        help="sets whose Shortlister a teacher comes first for",
    )
    parser.add_argument("--output", type=Path, metavar="FOLDER", help="of the page; none is written without")
    chosen = parser.parse_args(arguments)
    tables: list[Grid] = []
    for name in chosen.data:
        system = made_set(name, data_folder(), teacher=name in chosen.taught)
        tables += grids(name, measure(system, chosen.split))
    taught = (
        f"of {', '.join(chosen.taught)} learns from a teacher first" if chosen.taught else "has no teacher"
    )
    method = _METHOD.format(sets=". ".join(_ABOUT[name] for name in chosen.data), taught=taught)
    page = Table(f"The whole system on {chosen.split}", method, tables)
    print(page.markdown())
    if chosen.output is not None:
        command = f"arbiter bench whole_system -- --data {' '.join(chosen.data)} --split {chosen.split}"
        command += f" --taught {' '.join(chosen.taught)}" if chosen.taught else ""
        page.write(chosen.output / "whole_system.md", command)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
