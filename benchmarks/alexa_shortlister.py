"""The Shortlister of the Alexa comparison: its lessons, its training, its figures."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.alexa_measures import DEPTHS, DRAWS_SEED, Draws, Measured, right_skills
from benchmarks.alexa_split import AlexaSplit, Phrase
from benchmarks.enabled_draws import OTHERS
from components.shortlister.catalogue_text import (
    TextRow,
    skill_texts,
)
from components.shortlister.corpus import Corpus
from components.shortlister.distil.lessons import Lessons
from components.shortlister.distil.pretrain import ask_about_catalogue, finishing, pretrained
from components.shortlister.expand.rows import with_lexicon
from components.shortlister.lexicon import lexical_texts
from components.shortlister.list_trust import MOST_TRUST, add_trust
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ragged
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.train import text_encoder, train
from components.shortlister.training_record import line_of

_WITHOUT_LIST = 0.2  # of the training phrases


def lessons_of(split: AlexaSplit, learned: Sequence[Phrase], options: ShortlisterOptions) -> Lessons:
    """What the options' teacher says of the phrases and the catalogue's text."""
    encode = _encoder(options)
    return ask_about_catalogue(
        split.skills,
        [phrase.text for phrase in learned],
        _corpus(learned, encode, [()] * len(learned)),
        options=options,
        encode=encode,
        report=lambda line: print(line, flush=True),
    )


def measure_shortlister(
    split: AlexaSplit,
    phrases: Sequence[Phrase],
    draws: Draws,
    learned: Sequence[Phrase],
    options: ShortlisterOptions,
    lessons: Lessons,
    *,
    like_test: bool,
) -> Measured:
    """Trains on `learned` as a run does, from what `lessons` and the catalogue's text say; measures with no
    list and with each draw.

    The right skill is in every list. What `trust_lists` then finds on dev is the most it may; on the phrases
    that were learnt, which network and table know by heart, it finds too little.
    """
    skills, encode = len(split.skills), _encoder(options)
    requests = _corpus(
        learned, encode, training_lists(split, learned, draws if like_test else {}, seed=options.seed)
    )
    start = pretrained(
        lessons,
        skills=skills,
        options=options,
        texts=skill_texts(split.skills, requests, encode),
        report=lambda line: print(line, flush=True),
    )
    network = train(
        requests,
        requests.take(np.zeros(0, np.int64)),
        skills=skills,
        options=options,
        start=start,
        phase=finishing(options),
        report=lambda epoch: print(line_of(epoch, options), flush=True),
    ).network
    if options.lexical:
        asked = [TextRow(phrase.skill, phrase.text) for phrase in learned]
        texts = lexical_texts(split.skills, asked, encode)
        network = with_lexicon(network, texts, scale=options.lexical)
    add_trust(network.heads, MOST_TRUST)
    scorer, places = Scorer(network, skills=skills), np.arange(len(phrases))
    test, right = _corpus(phrases, encode, [()] * len(phrases)), right_skills(phrases)
    found, _ = scorer.top(test, places, k=max(DEPTHS))
    hits = found == right[:, None]
    measured = {f"top-{k}": hits[:, :k].any(axis=1).astype(float) for k in DEPTHS}
    for name, draw in draws.items():
        lists = draw(right.tolist(), DRAWS_SEED)
        enabled = dataclasses.replace(test, enabled=Ragged.of((lists + 1).tolist()))
        measured[name] = (scorer.first(enabled, places) == right).astype(float)
    return measured


def training_lists(
    split: AlexaSplit, phrases: Sequence[Phrase], draws: Draws, *, seed: int
) -> list[tuple[int, ...]]:
    """Ids (number + 1) of the enabled skills of each phrase: for every fifth none; else its skill and nine
    others, half from its domain and half from all skills alike, or as one of `draws` has it."""
    rng = np.random.default_rng(seed)
    domains = np.unique([skill.domain for skill in split.skills], return_inverse=True)[1]
    right = right_skills(phrases)

    def neutral(number: int) -> list[int]:
        same = np.flatnonzero(domains == domains[number])
        near = rng.choice(same, min(OTHERS // 2, len(same)), replace=False)
        far = rng.choice(len(split.skills), OTHERS + 1 + len(near), replace=False)
        return list(dict.fromkeys([number, *near, *far]))[: OTHERS + 1]

    kinds = [np.array([neutral(number) for number in right])]
    kinds += [draw(right.tolist(), DRAWS_SEED + 1 + seed) for draw in draws.values()]
    chosen = rng.integers(0, len(kinds), len(phrases))
    empty = rng.random(len(phrases)) < _WITHOUT_LIST
    return [
        () if empty[place] else tuple(int(number) + 1 for number in rng.permutation(kinds[kind][place]))
        for place, kind in enumerate(chosen)
    ]


def _encoder(options: ShortlisterOptions) -> Any:
    return tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)])


def _corpus(
    phrases: Sequence[Phrase],
    encode: Any,
    lists: Sequence[tuple[int, ...]],
) -> Corpus:
    texts = corpus_of_texts([phrase.text for phrase in phrases], encode)
    return dataclasses.replace(texts, skill=right_skills(phrases).astype(np.int32), enabled=Ragged.of(lists))
