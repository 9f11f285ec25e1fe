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
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

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
from components.shortlister.catalogue_text import catalogue_corpus, catalogue_rows, expected_rows
from components.shortlister.corpus import Corpus
from components.shortlister.distil.distil import distil
from components.shortlister.distil.lessons import Lessons, prepare_lessons
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ragged
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.train import build_network, text_encoder, train

_OUTPUT = Path("docs/results/alexa_skills.md")
_K1 = (0.3, 0.6, 0.9, 1.2, 1.6, 2.0)
_B = (0.3, 0.45, 0.6, 0.75, 0.9)
_DEPTHS = (1, 5, 10)
_DRAWS_SEED = 0
_WITHOUT_LIST = 0.2  # of the training phrases
_TEACHER = "minilm"
_MOST_TEXTS = 70_000  # that the teacher reads

Floats = npt.NDArray[np.float64]
Draws = Mapping[str, Callable[[list[int], int], Lists]]
"""Ways to draw ten enabled skills from the right skills' numbers and a seed."""
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


def measure_bm25(index: Bm25, phrases: Sequence[Phrase], draws: Draws) -> Measured:
    """Every measure; a tie with the right skill counts as the chance to guess it."""
    scores, right = index.scores([phrase.text for phrase in phrases]), _right(phrases)
    measured = _ranked(index, phrases)
    for name, draw in draws.items():
        lists = draw(right.tolist(), _DRAWS_SEED)
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


def lessons_of(
    split: AlexaSplit, learned: Sequence[Phrase], options: ShortlisterOptions, *, epochs: int
) -> Lessons:
    """What the teacher, fine-tuned for that many epochs, says of phrases, catalogue rows and single words."""
    encode = _encoder(options)
    requests = _corpus(learned, encode, [()] * len(learned))
    rows = catalogue_rows(split.skills, requests, seed=options.seed)
    corpus = requests.join(catalogue_corpus(rows, requests, encode, weight=1.0, seed=options.seed))
    texts = [*(phrase.text for phrase in learned), *(row.text for row in rows)]
    return prepare_lessons(
        texts,
        corpus,
        skills=len(split.skills),
        teacher=_TEACHER,
        most=_MOST_TEXTS,
        epochs=epochs,
        encode=encode,
        seed=options.seed,
        report=lambda line: print(line, flush=True),
    )


def measure_shortlister(
    split: AlexaSplit,
    phrases: Sequence[Phrase],
    draws: Draws,
    learned: Sequence[Phrase],
    options: ShortlisterOptions,
    lessons: Lessons | None,
    *,
    distil_epochs: int,
) -> Measured:
    """Trains on `learned` and the catalogue's text, then measures with no list and with each draw."""
    skills, encode = len(split.skills), _encoder(options)
    requests = _corpus(learned, encode, training_lists(split, learned, draws, seed=options.seed))
    nothing = requests.take(np.zeros(0, np.int64))
    if options.catalogue_weight:
        rows = catalogue_rows(split.skills, requests, seed=options.seed)
        requests = requests.join(
            catalogue_corpus(rows, requests, encode, weight=options.catalogue_weight, seed=options.seed)
        )
    start = None
    if lessons is not None:
        start = build_network(options, skills=skills)
        distil(start, lessons, epochs=distil_epochs, seed=options.seed, report=_report("distilled"))
    network = train(
        requests,
        nothing,
        skills=skills,
        options=options,
        start=start,
        report=lambda epoch: _report("trained")(epoch.epoch, epoch.loss),
    ).network
    scorer, places = Scorer(network, skills=skills), np.arange(len(phrases))
    test, right = _corpus(phrases, encode, [()] * len(phrases)), _right(phrases)
    found, _ = scorer.top(test, places, k=max(_DEPTHS))
    hits = found == right[:, None]
    measured = {f"top-{k}": hits[:, :k].any(axis=1).astype(float) for k in _DEPTHS}
    for name, draw in draws.items():
        lists = draw(right.tolist(), _DRAWS_SEED)
        enabled = dataclasses.replace(test, enabled=Ragged.of((lists + 1).tolist()))
        measured[name] = (scorer.first(enabled, places) == right).astype(float)
    return measured


def training_lists(
    split: AlexaSplit, phrases: Sequence[Phrase], draws: Draws, *, seed: int
) -> list[tuple[int, ...]]:
    """Ids (number + 1) of the enabled skills of each phrase: for every fifth none; else its skill and nine
    others, drawn as one of the tests draws them, or half from its domain and half from all skills alike."""
    rng = np.random.default_rng(seed)
    domains = np.unique([skill.domain for skill in split.skills], return_inverse=True)[1]
    right = _right(phrases)

    def neutral(number: int) -> list[int]:
        same = np.flatnonzero(domains == domains[number])
        others = [*rng.choice(same, 5), *rng.integers(0, len(split.skills), 9)]
        return [number, *[other for other in dict.fromkeys(others) if other != number][:9]]

    kinds = [np.array([neutral(number) for number in right])]
    kinds += [draw(right.tolist(), _DRAWS_SEED + 1 + seed) for draw in draws.values()]
    chosen = rng.integers(0, len(kinds), len(phrases))
    empty = rng.random(len(phrases)) < _WITHOUT_LIST
    return [
        () if empty[place] else tuple(int(number) + 1 for number in rng.permutation(kinds[kind][place]))
        for place, kind in enumerate(chosen)
    ]


def _encoder(options: ShortlisterOptions) -> Any:
    return tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)])


def _report(what: str) -> Callable[[int, float], None]:
    return lambda epoch, loss: print(f"{what}: epoch {epoch}  loss {loss:.4f}", flush=True)


def _corpus(
    phrases: Sequence[Phrase],
    encode: Any,
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
    parser.add_argument("--teacher-epochs", type=int, default=1, help="0: as it comes")
    parser.add_argument("--distil-epochs", type=int, default=3, help="0: no teacher")
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
    draws: Draws = {
        "ten by reviews": lambda right, seed: by_reviews(split.skills, right, seed=seed),
        "ten neighbours": lambda right, seed: by_neighbourhood(peer.neighbours, right, seed=seed),
    }
    beside = measure_bm25(peer, phrases, draws)
    print(_row(f"BM25, k1={k1}, b={b}", [beside]), flush=True)
    lessons = (
        lessons_of(split, learned, options, epochs=chosen.teacher_epochs) if chosen.distil_epochs else None
    )
    runs, seconds = [], []
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
                distil_epochs=chosen.distil_epochs,
            )
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
