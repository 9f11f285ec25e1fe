"""Trainings of a table that are done are not done again."""

import numpy as np

from benchmarks.ablations import personalisation
from benchmarks.ablations.kept_rows import Kept, kept_file, once
from benchmarks.ablations.personalisation import FROM_ZERO, MODELS, _start
from components.shortlister.options import ShortlisterOptions

KEPT = Kept(np.array([True, False]), np.array([True, True]), np.array([True, False]), 0.25, 3.5)


def test_a_training_is_done_once_and_read_as_it_was(tmp_path):
    file = kept_file(tmp_path, ("world", 0.9, "flag"), ShortlisterOptions())
    calls = []

    def made():
        calls.append(1)
        return {"flag": KEPT, "flag, lists trusted": KEPT}

    for rows in (once(file, made), once(file, made)):
        assert list(rows) == ["flag", "flag, lists trusted"]
        for row in rows.values():
            for name, value in vars(KEPT).items():
                np.testing.assert_array_equal(getattr(row, name), value)
    assert calls == [1]
    assert [path.name for path in file.parent.iterdir()] == [file.name]


def test_another_seed_world_or_row_is_another_training(tmp_path):
    first = kept_file(tmp_path, ("world", 0.9, "flag"), ShortlisterOptions())
    assert first == kept_file(tmp_path, ("world", 0.9, "flag"), ShortlisterOptions())
    assert first != kept_file(tmp_path, ("world", 0.9, "flag"), ShortlisterOptions(seed=2))
    assert first != kept_file(tmp_path, ("world", 0.7, "flag"), ShortlisterOptions())
    assert first != kept_file(tmp_path, ("world", 0.9, "flag from 0"), ShortlisterOptions())


def test_flags_begin_at_0_where_a_row_says_so():
    (label,) = FROM_ZERO
    tiny = ShortlisterOptions(
        **MODELS[label], word_buckets=16, gram_buckets=16, gram_size=4, utterance_size=4, lstm_size=4
    )
    flag = _start(label, tiny, 5).heads.flag
    assert not np.asarray(flag).any()
    assert _start("flag", tiny, 5) is None


def test_every_row_that_is_compared_is_measured():
    for pair in personalisation.COMPARED:
        assert {label.removesuffix(personalisation.TRUSTED) for label in pair} <= set(MODELS)
