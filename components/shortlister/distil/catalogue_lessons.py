"""What a teacher says of a catalogue's own texts, for skills that have few requests or none.

A teacher learns skills from some requests of each. Where there are fewer it learns which texts belong
together (`own_texts`), and a skill is the mean of what its owner wrote and what it was asked with: Snell et
al. (2017), "Prototypical Networks for Few-shot Learning", https://arxiv.org/abs/1703.05175.
"""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from components.records.skill import Skill
from components.shortlister import devices
from components.shortlister.catalogue_text import TextRow, catalogue_rows, written_rows
from components.shortlister.corpus import Corpus
from components.shortlister.distil.lessons import WORDS, Lessons
from components.shortlister.lexicon import labelled_rows
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.teacher.fine_tune import Heads, mean_directions
from components.shortlister.teacher.own_texts import fine_tune_by_own_texts
from components.shortlister.teacher.pretrained import load_pretrained
from components.shortlister.teacher.sentence_encoder import SentenceEncoder

_EPOCHS = 2
_SHARPNESS = 40.0  # times a cosine: bare ones tell thousands of skills hardly apart


def catalogue_lessons(
    skills: Sequence[Skill],
    texts: Sequence[str],
    requests: Corpus,
    *,
    teacher: str,
    most: int,
    further: Sequence[str] = (),
    encode: Callable[[Any], dict[str, Any]],
    seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
) -> Lessons:
    """Has a teacher learn which texts belong together, then asks it about them.

    What is asked: the texts of every skill, the `further` ones, requests without a label, the teacher's most
    frequent words, and, in what room is left, runs and draws of the skills' words (`catalogue_rows`).

    Args:
        skills: In row order.
        texts: Of the requests.
        requests: What is known of them, in the order of `texts`.
        teacher: Its name, see `load_pretrained`.
        most: Texts that the teacher reads at most. Where the skills have more, each has its first ones read:
            requests before what its owner wrote, the most telling before the rest.
        further: Texts without a label.
        encode: String [B] to encoded text; see `TextEncoder`.
        seed: Of every choice.
        report: Told one line a step.

    Raises:
        TeacherMissingError: The teacher's packages are not installed.
    """
    encoder = SentenceEncoder(load_pretrained(teacher), products=devices.products())
    known, written = labelled_rows(texts, requests), written_rows(skills)
    fine_tune_by_own_texts(
        encoder,
        known,
        written,
        epochs=_EPOCHS,
        seed=seed,
        report=lambda epoch, loss: report(f"teacher {teacher}: epoch {epoch}/{_EPOCHS}  loss {loss:.4f}"),
    )
    words = encoder.pretrained.words[:WORDS]
    room = max(most - len(words), 1)
    owned = _first_of_each([*known, *written], room)
    made = [row.text for row in catalogue_rows(skills, requests, seed=seed)]
    np.random.default_rng(seed).shuffle(made)
    asked = list(dict.fromkeys([*(row.text for row in owned), *further, *texts, *made]))[:room]
    asked = list(dict.fromkeys([*asked, *words]))
    report(f"teacher {teacher}: reads {len(asked)} texts")
    embeddings = encoder(asked)  # [N, D]
    place = {text: number for number, text in enumerate(asked)}
    heads = prototypes(
        embeddings,
        np.array([place[row.text] for row in owned]),
        np.array([row.skill for row in owned], np.int32),
        skills=len(skills),
    )
    return Lessons(corpus_of_texts(asked, encode), embeddings.astype(np.float16), heads)


def prototypes(
    embeddings: npt.NDArray[np.float32],
    rows: npt.NDArray[np.int64],
    owners: npt.NDArray[np.int32],
    *,
    skills: int,
) -> Heads:
    """A classifier by the mean of each skill's texts, as differences from the mean of all texts: skills whose
    texts say little else would be near every request. Over all texts each skill's scores have mean 0.

    Args:
        embeddings: [N, D], of all texts.
        rows, owners: [M], the rows of those that a skill owns, and their skills.
        skills: K.
    """
    centre = embeddings.mean(axis=0)
    kernel = _SHARPNESS * mean_directions(embeddings[rows] - centre, owners, skills).T  # [D, K]
    return Heads(kernel, -centre @ kernel)


def _first_of_each(rows: Sequence[TextRow], most: int) -> list[TextRow]:
    """At most so many of the rows: every skill's first one, every skill's second one, and so on."""
    owners = np.array([row.skill for row in rows], np.int64)
    order = np.argsort(owners, kind="stable")
    starts = np.searchsorted(owners[order], owners[order])
    turn = np.empty(len(rows), np.int64)
    turn[order] = np.arange(len(rows)) - starts
    return [rows[place] for place in np.argsort(turn, kind="stable")[:most].tolist()]
