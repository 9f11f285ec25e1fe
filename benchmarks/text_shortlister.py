"""The Shortlister on text alone, from scratch or taught."""

import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt
import tensorflow as tf

from benchmarks.kept import once
from benchmarks.shortlister_runs import corpora
from benchmarks.text_answers import Figures, Split, figures
from benchmarks.text_sets import Splits, further_texts
from components.shortlister.corpus import Corpus
from components.shortlister.dev_figures import dev_figures
from components.shortlister.distil.lessons import Lessons
from components.shortlister.distil.pretrain import ask_teacher, finishing, pretrained
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.reject import reject_score
from components.shortlister.train import build_network, text_encoder, train
from components.shortlister.twin.rounding import round_tables

TAUGHT = {
    "teacher": "minilm",
    "heads": "sigmoid",
    "word_buckets": 1 << 15,
    "gram_buckets": 1 << 15,
    "gram_size": 256,
    "utterance_size": 256,
    "lstm_size": 100,
    "word_size": 100,
    "dropout": 0.1,
    "gram_dropout": 0.05,
    "word_dropout": 0.02,
    "learning_rate": 4e-3,
    "distil_epochs": 3,
    "teacher_texts": 360_000,
}
"""What is changed of the options where a teacher comes first."""


def shortlisters(
    name: str,
    splits: Splits,
    skill_ids: Sequence[str],
    *,
    teacher: bool,
    seeds: Sequence[int],
    changed: Mapping[str, Any],
    data: Path,
    kept: Path | None,
) -> list[Figures]:
    """One training a seed and its figures, of the network as it is served: with its tables rounded.

    Lessons and trained weights are kept by the set, the options and the seed. `changed` are options by name;
    they go before those of `TAUGHT`.
    """
    named = {**(TAUGHT if teacher else {}), **changed}
    options = msgspec.convert(named, ShortlisterOptions).sized(len(splits["train"]))
    encoded = corpora(splits, skill_ids, options)
    skills, system = len(skill_ids), "taught" if teacher else "scratch"

    def taught() -> Lessons:
        return ask_teacher(
            [request.utterance for request in splits["train"]],
            encoded["train"],
            skills=skills,
            options=options,
            further=further_texts(name, data),
            encode=tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)]),
            report=lambda line: print(f"  {name} {line}", flush=True),
        )

    def trained(options: ShortlisterOptions) -> list[npt.NDArray[np.float32]]:
        start = phase = None
        if teacher:
            lessons = once(kept, f"{name}-lessons-{key}", taught)
            start, phase = pretrained(lessons, skills=skills, options=options), finishing(options)
        training = train(
            encoded["train"], encoded["dev"], skills=skills, options=options, start=start, phase=phase
        )
        weights: list[npt.NDArray[np.float32]] = training.network.get_weights()
        return weights

    key = options_key(options)
    found = []
    for seed in seeds:
        seeded = msgspec.structs.replace(options, seed=seed)
        network = build_network(seeded, skills=skills)
        network.set_weights(once(kept, f"{name}-{system}-{key}-{seed}", partial(trained, seeded)))
        round_tables(network, seeded.storage)
        found.append(_judged(Scorer(network, skills=skills), encoded))
        print(f"  {name} {system}, seed {seed}: dev {found[-1].dev_top1:.4f}", flush=True)
    return found


def options_key(options: ShortlisterOptions) -> str:
    """A short name for these options."""
    return hashlib.sha256(msgspec.json.encode(options)).hexdigest()[:8]


def _judged(scorer: Scorer, encoded: Mapping[str, Corpus]) -> Figures:
    """The figures of test, with calibration and reject score as dev gives them."""
    dev, test = encoded["dev"], encoded["test"]
    refusal = dev_figures(scorer, dev).refusal

    def answers(corpus: Corpus) -> Split:
        numbers, best = scorer.top(corpus, corpus.scored, k=2)
        rejects = [
            np.zeros(len(rows))
            if refusal is None
            else np.asarray(reject_score(scorer.reject_features(corpus, rows), refusal))
            for rows in (corpus.scored, np.flatnonzero(corpus.out_of_scope))
        ]
        return Split(numbers[:, 0].astype(np.int64), best.astype(np.float64), *rejects)

    gold = [corpus.skill[corpus.scored].astype(np.int64) for corpus in (dev, test)]
    return figures(answers(dev), answers(test), *gold)
