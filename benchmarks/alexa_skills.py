"""Finding one of 3,964 Alexa skills by a held-out phrase, beside BM25 over name, description and phrases.

    python -m benchmarks.alexa_skills [--seeds 1 2 3] [--options '{}'] [--part test] [--output FILE]

The last phrase of each skill is held out (`benchmarks.alexa_split`). Both systems get the same names,
descriptions and other phrases. Everything is chosen on the dev phrases (`--part dev`): BM25's k1 and b by
top-5, the Shortlister's defaults by hand. Then both read the dev phrases too, the Shortlister runs all its
epochs, and test is looked at once a seed. Ten enabled skills: the right one and nine drawn in proportion to
one more than their reviews, or the nine that BM25 finds first with the right skill's document as the query.
BM25 then chooses among the ten alone (a tie counts as its chance to guess right); the Shortlister scores all
skills and has to take the hint. It is trained with other lists than it is tested with: half of the nine from
the skill's domain, the rest from all skills alike, and none for every fifth request.
"""

import argparse
import dataclasses
import os
import platform
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from benchmarks.alexa_split import AlexaSplit, Phrase, alexa_split
from benchmarks.bm25 import Bm25
from benchmarks.enabled_draws import Lists, by_neighbourhood, by_reviews
from benchmarks.shortlister_runs import interval
from benchmarks.text_accuracy import data_folder
from components.records.atomic import atomic_write
from components.records.text import tokens
from components.shortlister.catalogue_text import catalogue_corpus, expected_rows
from components.shortlister.corpus import Corpus
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ragged
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.train import text_encoder, train

_OUTPUT = Path("docs/results/alexa_skills.md")
_K1 = (0.3, 0.6, 0.9, 1.2, 1.6, 2.0)
_B = (0.3, 0.45, 0.6, 0.75, 0.9)
_DEPTHS = (1, 5, 10)
_DRAWS_SEED = 0

Floats = npt.NDArray[np.float64]
Measured = dict[str, Floats]
"""Per measure, what each held-out phrase scored, in [0, 1]: [N]."""

MEASURES = ("top-1", "top-5", "top-10", "ten by reviews", "ten neighbours")


def bm25(split: AlexaSplit, phrases: Sequence[Phrase], *, k1: float, b: float) -> Bm25:
    """The index over name, description and these phrases."""
    documents = [tokens(skill.name or "") + tokens(skill.description or "") for skill in split.skills]
    for phrase in phrases:
        documents[phrase.skill] += tokens(phrase.text)
    return Bm25(documents, k1=k1, b=b)


def chosen_bm25(split: AlexaSplit) -> tuple[float, float]:
    """k1 and b of the best top-5 on dev."""

    def top5(k1: float, b: float) -> float:
        return float(_ranked(bm25(split, split.train, k1=k1, b=b), split.dev)["top-5"].mean())

    return max(((k1, b) for k1 in _K1 for b in _B), key=lambda pair: top5(*pair))


def measure_bm25(index: Bm25, phrases: Sequence[Phrase], draws: Mapping[str, Lists]) -> Measured:
    """Every measure; a tie with the right skill counts as the chance to guess it."""
    scores, right = index.scores([phrase.text for phrase in phrases]), _right(phrases)
    measured = _ranked(index, phrases)
    for name, lists in draws.items():
        listed = np.take_along_axis(scores, lists, axis=1)  # [N, 10]
        own = scores[np.arange(len(right)), right][:, None]
        measured[name] = np.where((listed > own).any(axis=1), 0.0, 1.0 / (listed == own).sum(axis=1))
    return measured


def _ranked(index: Bm25, phrases: Sequence[Phrase]) -> Measured:
    """Whether the right skill is among the first k; ties in catalogue order are broken by chance."""
    scores, right = index.scores([phrase.text for phrase in phrases]), _right(phrases)
    own = scores[np.arange(len(right)), right][:, None]
    above, equal = (scores > own).sum(axis=1), (scores == own).sum(axis=1)
    return {f"top-{k}": np.clip((k - above) / equal, 0.0, 1.0) for k in _DEPTHS}


def measure_shortlister(
    split: AlexaSplit,
    phrases: Sequence[Phrase],
    draws: Mapping[str, Lists],
    learned: Sequence[Phrase],
    options: ShortlisterOptions,
) -> Measured:
    """Trains on `learned` and the catalogue's text, then measures with no list and with each draw."""
    skills = len(split.skills)
    encode = tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)])
    requests = _corpus(learned, encode, training_lists(split, learned, seed=options.seed))
    if options.catalogue_weight:
        text = catalogue_corpus(
            split.skills, requests, encode, weight=options.catalogue_weight, seed=options.seed
        )
        requests = requests.join(text)
    nothing = requests.take(np.zeros(0, np.int64))
    network = train(requests, nothing, skills=skills, options=options).network
    scorer, rows = Scorer(network, skills=skills), np.arange(len(phrases))
    test, right = _corpus(phrases, encode, [()] * len(phrases)), _right(phrases)
    found, _ = scorer.top(test, rows, k=max(_DEPTHS))
    hits = found == right[:, None]
    measured = {f"top-{k}": hits[:, :k].any(axis=1).astype(float) for k in _DEPTHS}
    for name, lists in draws.items():
        enabled = dataclasses.replace(test, enabled=Ragged.of((lists + 1).tolist()))
        measured[name] = (scorer.first(enabled, rows) == right).astype(float)
    return measured


def training_lists(split: AlexaSplit, phrases: Sequence[Phrase], *, seed: int) -> list[tuple[int, ...]]:
    """Ids (number + 1) of the enabled skills of each phrase: none for a fifth of them, else its skill and
    nine others, up to half of them of its domain."""
    rng = np.random.default_rng(seed)
    domains = np.unique([skill.domain for skill in split.skills], return_inverse=True)[1]
    found = []
    for phrase in phrases:
        same = np.flatnonzero(domains == domains[phrase.skill])
        others = [*rng.choice(same, 5), *rng.integers(0, len(split.skills), 9)]
        distinct = [number for number in dict.fromkeys(others) if number != phrase.skill][:9]
        chosen = rng.permutation([phrase.skill, *distinct]) + 1
        found.append(() if rng.random() < 0.2 else tuple(map(int, chosen)))
    return found


def _corpus(
    phrases: Sequence[Phrase],
    encode: tf.types.experimental.PolymorphicFunction,
    lists: Sequence[tuple[int, ...]],
) -> Corpus:
    texts = corpus_of_texts([phrase.text for phrase in phrases], encode)
    return dataclasses.replace(texts, skill=_right(phrases).astype(np.int32), enabled=Ragged.of(lists))


def _right(phrases: Sequence[Phrase]) -> npt.NDArray[np.int64]:
    return np.array([phrase.skill for phrase in phrases], np.int64)


def _row(name: str, runs: Sequence[Measured]) -> str:
    """Mean over the seeds, the worst seed, and the interval of the mean."""
    cells = []
    for measure in MEASURES:
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
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", nargs="+", type=int, default=[1, 2, 3])
    parser.add_argument("--options", default="{}", help="JSON of ShortlisterOptions")
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
    draws = {
        "ten by reviews": by_reviews(split.skills, _right(phrases).tolist(), seed=_DRAWS_SEED),
        "ten neighbours": by_neighbourhood(peer.neighbours, _right(phrases).tolist(), seed=_DRAWS_SEED),
    }
    beside = measure_bm25(peer, phrases, draws)
    print(_row(f"BM25, k1={k1}, b={b}", [beside]), flush=True)
    runs, seconds = [], []
    for seed in chosen.seeds:
        started = time.perf_counter()
        runs.append(
            measure_shortlister(split, phrases, draws, learned, msgspec.structs.replace(options, seed=seed))
        )
        seconds.append(time.perf_counter() - started)
        print(_row(f"Shortlister, seed {seed}, {seconds[-1]:.0f} s", runs[-1:]), flush=True)
    report = "\n".join(
        [
            "# Finding a skill of the Alexa list by a held-out phrase",
            "",
            f"Made by `arbiter bench alexa_skills` on {platform.machine()}, {os.cpu_count()} cores, Python "
            f"{platform.python_version()}, seeds {', '.join(map(str, chosen.seeds))}, "
            f"{np.mean(seconds):.0f} s a training. Options beside the defaults: `{chosen.options}`.",
            "",
            f"{len(split.skills):,} skills; {split.held_out:,} last phrases held out, {split.dropped:.1%} of "
            f"them dropped for fewer than two words left without carrier and name: {len(split.test):,} "
            f"scored ({len(split.dev):,} on dev). {len(learned):,} other phrases to learn from.",
            "",
            "Mean over the seeds, the worst seed, and the 95 % bootstrap interval over phrases.",
            "",
            f"| system | {' | '.join(MEASURES)} |",
            f"|---|{'---|' * len(MEASURES)}",
            _row(f"BM25, k1={k1}, b={b}", [beside]),
            _row("Shortlister", runs),
            _difference(runs, beside),
            "",
        ]
    )
    print(report)
    if chosen.part == "test":
        atomic_write(chosen.output, report)


if __name__ == "__main__":
    main()
