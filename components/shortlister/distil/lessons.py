"""What a teacher says of many texts, for the small network to learn from."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from components.shortlister import devices
from components.shortlister.corpus import Corpus
from components.shortlister.distil.neighbours import Neighbours
from components.shortlister.distil.variations import variations
from components.shortlister.loss import NO_SKILL
from components.shortlister.read_corpus import corpus_of_texts
from components.shortlister.teacher.fine_tune import Heads, fine_tune_mean
from components.shortlister.teacher.pretrained import load_pretrained
from components.shortlister.teacher.sentence_encoder import SentenceEncoder

WORDS = 12_000
"""The teacher's most frequent words, each a text of its own."""
_NEIGHBOURS = 20  # words that may stand in for one
_VARIATIONS = 40  # of each text, as long as there is room


@dataclass(frozen=True)
class Lessons:
    """N texts and a teacher's view of them.

    Attributes:
        corpus: The texts, encoded; they have no label.
        embeddings: float16 [N, D], of length 1.
        heads: The teacher's classifier over embeddings.
    """

    corpus: Corpus
    embeddings: npt.NDArray[np.float16]
    heads: Heads


def prepare_lessons(
    texts: Sequence[str],
    corpus: Corpus,
    *,
    skills: int,
    teacher: str,
    most: int,
    epochs: int,
    runs: int = 1,
    further: Sequence[str] = (),
    encode: Callable[[Any], dict[str, Any]],
    seed: int = 0,
    report: Callable[[str], None] = lambda line: None,
) -> Lessons:
    """Fine-tunes a teacher on the labelled requests and asks it about them, variations of them and more.

    What is asked: the requests, labelled or not; the `further` texts; the teacher's most frequent words, so
    that words which no request has get a meaning; variations of the labelled requests in what room is left.

    Args:
        texts: Of the requests in `corpus`.
        corpus: What is known of the requests, in the order of `texts`.
        skills: Number of skills.
        teacher: Its name, see `load_pretrained`.
        most: Texts that the teacher reads at most; a random choice of more. A fine-tuning reads a third.
        epochs: Of the fine-tuning.
        runs: Fine-tunings whose mean is the teacher; see `fine_tune_mean`.
        further: Texts without a label.
        encode: String [B] to encoded text; see `TextEncoder`.
        seed: Of every choice.
        report: Told one line a step.

    Raises:
        TeacherMissingError: The teacher's packages are not installed.
        ValueError: No request has a right skill.
    """
    rng = np.random.default_rng(seed)
    encoder = SentenceEncoder(load_pretrained(teacher), products=devices.products())
    words = encoder.pretrained.words[:WORDS]
    neighbours = Neighbours(words, encoder(words), count=_NEIGHBOURS)
    labelled = np.flatnonzero((corpus.skill != NO_SKILL) | corpus.out_of_scope)
    labelled = np.sort(rng.permutation(labelled)[: max(most // 3, 1)])
    known = [texts[int(row)] for row in labelled]
    heads = fine_tune_mean(
        encoder,
        known,
        corpus.skill[labelled],
        skills=skills,
        epochs=epochs,
        runs=runs,
        seed=seed,
        report=lambda run, epoch, loss: report(
            f"teacher {teacher}, run {run}/{runs}: epoch {epoch}/{epochs}  loss {loss:.4f}"
        ),
    )
    asked = list(dict.fromkeys([*texts, *further]))
    asked = [asked[place] for place in np.sort(rng.permutation(len(asked))[: max(most - len(words), 1)])]
    room = min(most - len(asked) - len(words), _VARIATIONS * len(known))
    varied = variations(known, corpus.skill[labelled], count=max(room, 0), neighbours=neighbours, rng=rng)
    asked = list(dict.fromkeys([*asked, *varied, *words]))
    report(f"teacher {teacher}: reads {len(asked)} texts, {len(varied)} of them variations")
    return Lessons(corpus_of_texts(asked, encode), encoder(asked).astype(np.float16), heads)
