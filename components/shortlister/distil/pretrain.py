"""A network to start from: it knows of language and skills what a teacher knows."""

import dataclasses
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from components.records.catalogue import Catalogue
from components.records.invocation import InvocationIndex
from components.records.skill import Skill
from components.shortlister.catalogue_start import begin
from components.shortlister.catalogue_text import written_texts
from components.shortlister.checkpoint import Checkpoint, Progress
from components.shortlister.corpus import Corpus
from components.shortlister.distil.catalogue_lessons import catalogue_lessons
from components.shortlister.distil.distil import distil
from components.shortlister.distil.lessons import Lessons, prepare_lessons
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import Phase
from components.shortlister.train import build_network

FINISH = "finish"
"""The name of the phase after the lessons."""

_TEACHER_EPOCHS = 3
_TEACHER_RUNS = 3


def further_texts(catalogue: Catalogue, options: ShortlisterOptions) -> list[str]:
    """What the catalogue says of its skills, and the lines of the options' files, empty ones left out.

    Raises:
        FileNotFoundError: A file is missing.
    """
    index = InvocationIndex(catalogue)
    written = [" ".join(words) for skill in catalogue for words in written_texts(skill, index)]
    return written + lines_of_files(options)


def lines_of_files(options: ShortlisterOptions) -> list[str]:
    """The lines of the options' files, empty ones left out.

    Raises:
        FileNotFoundError: A file is missing.
    """
    files = [Path(name).read_text(encoding="utf-8") for name in options.teacher_files]
    return [line for text in files for line in text.splitlines() if line.strip()]


def ask_teacher(
    texts: Sequence[str],
    corpus: Corpus,
    *,
    skills: int,
    options: ShortlisterOptions,
    further: Sequence[str],
    encode: Callable[[Any], dict[str, Any]],
    report: Callable[[str], None] = lambda line: None,
) -> Lessons:
    """The lessons that the options ask for; see `prepare_lessons`."""
    return prepare_lessons(
        texts,
        corpus,
        skills=skills,
        teacher=options.teacher,
        most=options.teacher_texts,
        epochs=_TEACHER_EPOCHS,
        runs=_TEACHER_RUNS,
        further=further,
        encode=encode,
        seed=options.seed,
        report=report,
    )


def ask_about_catalogue(
    skills: Sequence[Skill],
    texts: Sequence[str],
    requests: Corpus,
    *,
    options: ShortlisterOptions,
    encode: Callable[[Any], dict[str, Any]],
    report: Callable[[str], None] = lambda line: None,
) -> Lessons:
    """The same for a network that begins with the catalogue's text; see `catalogue_lessons`."""
    return catalogue_lessons(
        skills,
        texts,
        requests,
        teacher=options.teacher,
        most=options.teacher_texts,
        further=lines_of_files(options),
        encode=encode,
        seed=options.seed,
        report=report,
    )


def pretrained(
    lessons: Lessons,
    *,
    skills: int,
    options: ShortlisterOptions,
    texts: Corpus | None = None,
    report: Callable[[str], None] = lambda line: None,
) -> Network:
    """A new network that has learnt the lessons; it begins where `texts`, of the skills, say."""
    network = build_network(options, skills=skills)
    if texts is not None:
        begin(network, texts, lessons)
    epochs = options.distil_epochs
    distil(
        network,
        lessons,
        epochs=epochs,
        learning_rate=options.learning_rate,
        clip_norm=options.clip_norm,
        seed=options.seed,
        report=lambda epoch, loss: report(f"distillation: epoch {epoch}/{epochs}  loss {loss:.4f}"),
    )
    return network


def once(
    make: Callable[[], Network], kept: Path | None, *, skills: int, options: ShortlisterOptions
) -> Network:
    """What `make` gives; its weights are kept in the file `kept`, so that a training that is killed later
    does not ask the teacher again. None keeps nothing."""
    if kept is None:
        return make()
    checkpoint = Checkpoint(kept)
    if found := checkpoint.load():
        _, groups = found
        network = build_network(options, skills=skills)
        network.set_weights(groups["weights"])
        return network
    network = make()
    checkpoint.save(Progress(finished=True), {"weights": network.get_weights()})
    return network


def finishing(options: ShortlisterOptions) -> Phase:
    """The training that follows: what the teacher taught is to be kept.

    The enabled lists, of which the teacher knows nothing, take three epochs at a tenth of the rate. Without
    them, or with the few requests of a `catalogue_start`, there is only the labels' last word: one epoch at a
    hundredth.
    """
    first = Phase.first(options)
    last_word = options.personalisation == "none" or options.catalogue_start
    epochs, share = (1, 0.01) if last_word else (3, 0.1)
    return dataclasses.replace(
        first, name=FINISH, epochs=min(epochs, first.epochs), learning_rate=share * first.learning_rate
    )
