import dataclasses

import msgspec
import numpy as np
import pytest

from components.records.artifact_files import split_files
from components.records.learned_labels import (
    NEGATIVES,
    PSEUDO_LABELS,
    SEMI_LABELS,
    NegativeLabel,
    PseudoLabel,
    SemiLabel,
    read_labels,
)
from components.shortlister.learning_loop.above_label import read_epochs, write_epoch
from components.shortlister.learning_loop.artifacts import LoopFolders, request_ids, write_artifacts
from components.shortlister.learning_loop.counts import write_counts
from components.shortlister.learning_loop.folds import second_half
from components.shortlister.learning_loop.learned import WHOLE, Look, with_labels
from components.shortlister.learning_loop.loop import Loop
from components.shortlister.learning_loop.options import LearningLoopOptions
from components.shortlister.learning_loop.pseudo_labels import pseudo_labels
from components.shortlister.learning_loop.recorder import EpochRecord
from components.shortlister.loss import NO_SKILL
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.ragged import Ragged
from tests.shortlister.test_events import scalars
from tests.shortlister.test_train import SMALL, read
from tests.shortlister.world import CATALOGUE, labelled, toy_requests, write_split

SKILLS = len(CATALOGUE)
FOLDERS = ("pseudo", "negatives", "distillation", "semi")
ALL = LearningLoopOptions(
    pseudo_labels=True, rule="above_label", r=2, window="any",
    negative_feedback=True, gamma_first=0.0, gamma_max=0.5,
    self_distillation=True, semi_supervised=True, precision=0.3, epochs=2,
)  # fmt: skip


def options(loop=ALL, **changes) -> ShortlisterOptions:
    """Text alone: the two makers of a topic are equally right, so labels are above each other's."""
    chosen = {"personalisation": "none", "epochs": 4, "learning_loop": loop, **changes}
    return msgspec.structs.replace(SMALL, **chosen)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("loop")
    failed = [labelled(f"n{n}", "start music", negative="music-one") for n in range(5)]
    unknown = [labelled(f"u{n}", "start taxi") for n in range(7)]
    write_split(folder, "train", [*toy_requests(200, seed=1), *failed, *unknown])
    write_split(folder, "dev", toy_requests(100, seed=2))
    return folder


def loop(folder, epochs, chosen=None, **more):
    chosen = chosen or options()
    corpus, dev = read(folder), read(folder, "dev")
    return corpus, Loop(
        corpus, dev, **{"promised": dev, **more}, skills=SKILLS, options=chosen, epochs=epochs
    )


@pytest.fixture(scope="module")
def learned(folder, tmp_path_factory):
    epochs = tmp_path_factory.mktemp("epochs")
    corpus, made = loop(folder, epochs, checkpoints=epochs)
    return corpus, epochs, made.run()


def write(folder, learned, to, chosen=ALL):
    corpus, epochs, found = learned
    folders = LoopFolders(*(to / name for name in FOLDERS))
    ids = request_ids(split_files(folder, "train"))
    write_artifacts(
        found, corpus, chosen, ids=ids, skill_ids=CATALOGUE.skill_ids, epochs=epochs, folders=folders
    )
    return folders, ids


def report(folder):
    return msgspec.json.decode((folder / "report.json").read_bytes())


def test_both_phases_are_run_and_the_second_starts_from_the_best_of_the_first(learned):
    _, _, found = learned
    assert [epoch.phase for epoch in found.epochs] == ["train"] * len(found.first.epochs) + ["loop"] * 2
    assert found.training.epochs[0].loss < found.first.epochs[0].loss
    assert not found.cross_fitted


def test_a_killed_run_goes_on_with_the_same_result(folder, learned):
    """Both phases are there already, so nothing is trained anew."""
    _, epochs, found = learned
    again = loop(folder, epochs, checkpoints=epochs)[1].run()
    assert again.training.resumed_from == ALL.epochs
    assert again.epochs == found.epochs
    np.testing.assert_array_equal(again.pseudo["any"].values, found.pseudo["any"].values)
    for a, b in zip(again.training.network.get_weights(), found.training.network.get_weights(), strict=True):
        np.testing.assert_array_equal(a, b)


def test_pseudo_labels_are_those_of_the_epochs_on_disk(learned):
    corpus, epochs, found = learned
    above = read_epochs(epochs / WHOLE, found.first.best_epoch)
    expected = pseudo_labels(above, r=2, best=found.first.best_epoch, window="any")
    np.testing.assert_array_equal(found.pseudo["any"].values, expected.values)
    assert len(expected.values) > 0
    labels = expected.pad(np.arange(len(corpus))) - 1
    assert not (labels == corpus.skill[:, None])[corpus.skill != NO_SKILL].any()


def test_an_epoch_holds_what_the_network_puts_above_the_labels(learned):
    corpus, epochs, found = learned
    scorer = Scorer(found.first.network, skills=SKILLS)
    numbers, scores = scorer.top(corpus, corpus.scored, k=SKILLS)
    above = read_epochs(epochs / WHOLE, found.first.best_epoch)[-1][corpus.scored]
    for row, label in enumerate(corpus.skill[corpus.scored]):
        place = int(np.flatnonzero(numbers[row] == label)[0])
        better = {int(n) + 1 for n in numbers[row, :2][scores[row, :2] > scores[row, place]]}
        assert {int(n) for n in above[row] if n} == better


def test_each_mechanism_has_its_artifact(folder, learned, tmp_path):
    _, _, found = learned
    (folders, ids) = write(folder, learned, tmp_path / "one")
    pseudo = list(read_labels(folders.pseudo_labels / PSEUDO_LABELS, PseudoLabel))
    assert sum(len(label.skill_ids) for label in pseudo) == len(found.pseudo["any"].values)
    assert [label.request_id for label in pseudo] == [i for i in ids if i in {p.request_id for p in pseudo}]
    negatives = list(read_labels(folders.negatives / NEGATIVES, NegativeLabel))
    assert [label.request_id for label in negatives] == [f"n{n}" for n in range(5)]
    assert {label.skill_id for label in negatives} == {"music-one"}
    semi = list(read_labels(folders.semi_labels / SEMI_LABELS, SemiLabel))
    assert {label.request_id for label in semi} <= {f"u{n}" for n in range(7)}
    assert report(folders.semi_labels)["unlabelled"] == 7
    assert report(folders.negatives)["weights"]["loop"] == pytest.approx([0.5 * 0.05, 0.5 * 0.0975])
    assert report(folders.distillation)["weights"] == pytest.approx([0.05, 0.0975])
    assert (folders.distillation / "teacher.keras").is_file()
    counts = report(folders.pseudo_labels)
    assert counts["labels"]["any"] >= counts["labels"]["best"]
    assert len(counts["looks"][0]["epochs"]) == len(found.first.epochs)
    again, _ = write(folder, learned, tmp_path / "two")
    for name in (f"pseudo/{PSEUDO_LABELS}", f"negatives/{NEGATIVES}", f"semi/{SEMI_LABELS}"):
        assert (tmp_path / "one" / name).read_bytes() == (tmp_path / "two" / name).read_bytes()
    assert again


def test_counts_are_scalars_too(folder, learned, tmp_path):
    folders, _ = write(folder, learned, tmp_path)
    write_counts(folders, tmp_path / "tensorboard")
    whole = scalars(tmp_path / "tensorboard" / "learning_loop" / "whole")
    for epoch in report(folders.pseudo_labels)["looks"][0]["epochs"]:
        step = epoch["epoch"]
        assert whole[step, "skills above the label"] == epoch["above_skills"] > 0
        assert whole[step, "pseudo-labels if it were the best epoch"] == epoch["pseudo_labels_if_best"]
        assert whole[step, "train top-1"] == pytest.approx(epoch["train_top1"])
    second = scalars(tmp_path / "tensorboard" / "learning_loop" / "loop")
    assert second[2, "weight of negatives"] == pytest.approx(0.5 * 0.0975)
    assert second[2, "weight of self-distillation"] == pytest.approx(0.0975)
    total = scalars(tmp_path / "tensorboard" / "learning_loop")
    assert total[0, "negatives"] == 5
    assert total[0, "unlabelled requests"] == 7
    assert total[0, "labels for unlabelled requests"] == report(folders.semi_labels)["labels"]
    assert total[0, "pseudo-labels, any"] == report(folders.pseudo_labels)["labels"]["any"] > 0


def test_likely_labels_are_learnt_and_have_their_artifact(folder, tmp_path):
    """The other maker of a request's topic is as right as the label; dev says so."""
    chosen = LearningLoopOptions(pseudo_labels=True, likely=0.3, epochs=1)
    dev = read(folder, "dev")
    others = Ragged.of([[(skill ^ 1) + 1] for skill in dev.skill.tolist()])
    known = dataclasses.replace(dev, also_correct=others)
    corpus, made = loop(folder, tmp_path / "epochs", options(chosen, epochs=3), promised=known)
    found = made.run()
    assert found.likely is not None
    labels = found.likely.labels
    own = corpus.skill[np.repeat(np.arange(len(corpus)), labels.lengths)]
    assert len(labels.values) > 100
    assert np.mean(labels.values - 1 == own ^ 1) == pytest.approx(found.likely.weight.mean(), abs=0.1)
    assert not found.looks
    assert found.used(chosen) is labels
    assert not (tmp_path / "epochs").exists()
    (folders, _) = write(folder, (corpus, tmp_path / "epochs", found), tmp_path, chosen)
    pseudo = list(read_labels(folders.pseudo_labels / PSEUDO_LABELS, PseudoLabel))
    assert sum(len(label.skill_ids) for label in pseudo) == len(labels.values)
    assert {label.rule for label in pseudo} == {"pseudo.v2 likely=0.3"}
    counts = report(folders.pseudo_labels)
    assert counts["labels"] == {"likely": len(labels.values)}
    assert counts["likely"]["map"]["slope"] > 0.0
    assert counts["looks"] == []


def test_without_a_switch_it_is_the_training_alone(folder, tmp_path):
    chosen = options(LearningLoopOptions(), epochs=1)
    corpus, made = loop(folder, tmp_path / "epochs", chosen)
    found = made.run()
    assert found.training is found.first
    assert not (tmp_path / "epochs").exists()
    write(folder, (corpus, tmp_path / "epochs", found), tmp_path, LearningLoopOptions())
    assert (tmp_path / "pseudo" / PSEUDO_LABELS).read_bytes() == b""
    assert not report(tmp_path / "pseudo")["used"]
    write_counts(LoopFolders(*(tmp_path / name for name in FOLDERS)), tmp_path / "tensorboard")
    total = scalars(tmp_path / "tensorboard" / "learning_loop")
    assert total == {
        (0, "negatives"): 5,
        (0, "unlabelled requests"): 0,
        (0, "labels for unlabelled requests"): 0,
    }


def test_halves_are_predicted_by_each_other(folder, tmp_path):
    half = LearningLoopOptions(pseudo_labels=True, rule="above_label", r=1, cross_fit="always", epochs=1)
    corpus, made = loop(folder, tmp_path, options(half, epochs=1))
    whole = Look(WHOLE, 1, [EpochRecord(epoch=1, train_top1=0.5, above_requests=0, above_skills=0)])
    looks, labels = made.pseudo_labels(whole)
    assert [look.name for look in looks] == ["whole", "first-half", "second-half"]
    first, second = (read_epochs(tmp_path / name, 1)[0] for name in ("first-half", "second-half"))
    assert not ((first > 0).any(axis=1) & (second > 0).any(axis=1)).any()
    assert (first > 0).any()
    assert (second > 0).any()
    assert len(labels["best"].values) == (first > 0).sum() + (second > 0).sum()
    assert labels["best"].lengths.shape == (len(corpus),)


@pytest.mark.parametrize(
    ("asked", "train_top1", "halves"),
    [("auto", 0.99, 0), ("auto", 0.995, 2), ("always", 0.5, 2), ("never", 0.995, 0)],
)
def test_halves_are_asked_where_the_labels_are_known_by_heart(
    folder, tmp_path, monkeypatch, asked, train_top1, halves
):
    """What is trained is counted, not trained."""
    chosen = LearningLoopOptions(pseudo_labels=True, rule="above_label", r=1, cross_fit=asked)
    corpus, made = loop(folder, tmp_path, options(chosen))
    blank = np.zeros((len(corpus), 2), np.uint8)
    write_epoch(tmp_path / WHOLE, 1, blank)

    def trained(name, part, rows):
        np.testing.assert_array_equal(rows, np.flatnonzero(second_half(corpus) ^ (name == "first-half")))
        assert len(part) + len(rows) == len(corpus)
        write_epoch(tmp_path / name, 1, blank)
        return None, Look(name, 1, ())

    monkeypatch.setattr(made, "_looked_through", trained)
    record = EpochRecord(epoch=1, train_top1=train_top1, above_requests=0, above_skills=0)
    looks, _ = made.pseudo_labels(Look(WHOLE, 1, [record]))
    assert len(looks) == 1 + halves


def test_labels_join_the_requests_and_nothing_else_changes(learned):
    corpus, _, found = learned
    extra = Ragged.of([[2, 3] if row == 4 else [] for row in range(len(corpus))])
    merged = with_labels(corpus, extra, found.semi, pseudo_weight=0.5)
    assert merged.targets(np.array([4])).extra.tolist() == [[2, 3]]
    assert merged.targets(np.array([4])).extra_weight.tolist() == [[0.5, 0.5]]
    changed = np.flatnonzero(merged.skill != corpus.skill)
    np.testing.assert_array_equal(changed, found.semi.rows)
    assert (corpus.skill[changed] == NO_SKILL).all()
