"""All that is learnt in one training: from a teacher, from the labels, and from what the loop finds."""

import shutil
from collections.abc import Callable
from pathlib import Path

from components.records.catalogue import Catalogue
from components.shortlister.catalogue_start import begin
from components.shortlister.catalogue_text import skill_texts
from components.shortlister.corpus import Corpus
from components.shortlister.distil.pretrain import (
    ask_about_catalogue,
    ask_teacher,
    finishing,
    further_texts,
    once,
    pretrained,
)
from components.shortlister.learning_loop.artifacts import LoopFolders, request_ids, write_artifacts
from components.shortlister.learning_loop.counts import write_counts
from components.shortlister.learning_loop.learned import Learned
from components.shortlister.learning_loop.loop import Loop
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import Phase
from components.shortlister.read_corpus import read_texts
from components.shortlister.train import build_network
from components.shortlister.training_data import TrainingData
from components.shortlister.training_record import EVENTS, LOG, line_of
from components.shortlister.warm_start import WarmStart

_ABOVE = "above_label"
_TAUGHT = "taught.npz"


def learn(
    data: TrainingData,
    dev: Corpus,
    catalogue: Catalogue,
    *,
    run_folder: Path,
    kept: Path | None,
    loop_folders: LoopFolders | None,
    warm: WarmStart,
    report: Callable[[str], None],
) -> Learned:
    """The teacher's lessons if there is a teacher, the training and the loop, with their log and artifacts.

    Args:
        data: To learn from.
        dev: To stop by.
        catalogue: All skills.
        run_folder: Gets the log and TensorBoard's event files.
        kept: Where the state is kept for the next try, if anywhere.
        loop_folders: Where the loop's artifacts go; None writes none.
        warm: The network to go on from, if any; the catalogue's text then has nothing to begin.
        report: Told every line of the log.
    """
    options, corpus = data.options, data.corpus
    above = (kept or run_folder) / _ABOVE
    texts = None
    if options.catalogue_start and warm.network is None:
        texts = skill_texts(tuple(catalogue), data.asked, data.encode)
    with (run_folder / LOG).open("w", encoding="utf-8") as log:

        def tell(line: str) -> None:
            print(line, file=log, flush=True)
            report(line)

        def taught() -> Network:
            spoken = read_texts(data.train_files)
            if options.catalogue_start:
                lessons = ask_about_catalogue(
                    tuple(catalogue), spoken, data.asked, options=options, encode=data.encode, report=tell
                )
            else:
                lessons = ask_teacher(
                    [*spoken, *(row.text for row in data.made)],
                    corpus,
                    skills=len(catalogue),
                    options=options,
                    further=further_texts(catalogue, options),
                    encode=data.encode,
                    report=tell,
                )
            return pretrained(lessons, skills=len(catalogue), options=options, texts=texts, report=tell)

        if warm.network is not None:
            tell(f"warm start: {warm.words}")
        start = warm.network
        if options.teacher != "none":
            weights = None if kept is None else kept / _TAUGHT
            start = once(taught, weights, skills=len(catalogue), options=options)
        elif texts is not None:
            start = build_network(options, skills=len(catalogue))
            begin(start, texts)
        learned = Loop(
            corpus,
            dev,
            requests=data.requests,
            promised=data.dev,
            skills=len(catalogue),
            options=options,
            start=start,
            first=_first_phase(options, warm),
            epochs=above,
            checkpoints=kept,
            log_dir=run_folder / EVENTS,
            report=lambda epoch: tell(line_of(epoch, options)),
        ).run()
    if loop_folders is not None:
        write_artifacts(
            learned,
            corpus,
            options.learning_loop,
            ids=request_ids(data.train_files),
            skill_ids=catalogue.skill_ids,
            epochs=above,
            folders=loop_folders,
        )
        write_counts(loop_folders, run_folder / EVENTS)
    if kept is None:
        shutil.rmtree(above, ignore_errors=True)
    return learned


def _first_phase(options: ShortlisterOptions, warm: WarmStart) -> Phase:
    """What follows on an earlier training, on a teacher's lessons, or on nothing."""
    if warm.network is not None:
        return Phase.warm(options)
    return Phase.first(options) if options.teacher == "none" else finishing(options)
