"""Labelled requests as arrays: text encoded once, labels as numbers, ragged lists packed end to end."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.records.features import F
from components.shortlister.loss import NO_SKILL

Ints = npt.NDArray[np.int32]
_BATCH = 2048

_SINGLES = (F.LABEL_TEXT, F.LABEL_SKILL, F.LABEL_NEGATIVE, F.OUTCOME)
_LISTS = (F.ENABLED_SKILLS, F.ALSO_CORRECT)


@dataclass(frozen=True)
class Ragged:
    """Rows of different lengths end to end: row i is values[starts[i]:starts[i + 1]]."""

    values: npt.NDArray[Any]
    starts: npt.NDArray[np.int64]

    @property
    def lengths(self) -> npt.NDArray[np.int64]:
        return np.diff(self.starts)

    def pad(self, rows: npt.NDArray[np.int64]) -> Ints:
        """The rows as int32 [len(rows), longest (at least 1), ...], padded with 0."""
        starts, lengths = self.starts[rows], self.lengths[rows]
        position = np.arange(max(int(lengths.max(initial=0)), 1))
        real = position < lengths[:, None]
        padded = np.zeros((*real.shape, *self.values.shape[1:]), np.int32)
        padded[real] = self.values[(starts[:, None] + position)[real]]
        return padded


@dataclass(frozen=True)
class Corpus:
    """N requests of one split.

    Attributes:
        words, chars, grams: Encoded text, as `TextEncoder` gives it.
        enabled: Ids of the enabled skills (number + 1) that the catalogue has.
        also_correct: Ids of the other right skills; only calibration may read it.
        skill, negative: int32 [N], number of the right and of the failed skill, or `NO_SKILL`.
        out_of_scope: bool [N].
    """

    words: Ragged
    chars: Ragged
    grams: Ragged
    enabled: Ragged
    also_correct: Ragged
    skill: Ints
    negative: Ints
    out_of_scope: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.skill)

    @property
    def teaching(self) -> npt.NDArray[np.int64]:
        """The rows that a loss can use: those with a right skill, a failed one, or out of scope."""
        return np.flatnonzero((self.skill != NO_SKILL) | (self.negative != NO_SKILL) | self.out_of_scope)

    @property
    def scored(self) -> npt.NDArray[np.int64]:
        """The rows with a right skill: those that accuracy is measured on."""
        return np.flatnonzero(self.skill != NO_SKILL)

    def inputs(
        self, rows: npt.NDArray[np.int64], lists: npt.NDArray[np.int64] | None = None
    ) -> dict[str, Ints]:
        """The network's inputs for these rows, with the enabled lists of the rows `lists` if given."""
        return {
            "words": self.words.pad(rows),
            "chars": self.chars.pad(rows),
            "grams": self.grams.pad(rows),
            "enabled": self.enabled.pad(rows if lists is None else lists),
        }


def example_files(split_folder: Path) -> list[Path]:
    """The TFRecord files of a split, in order. Raises `FileNotFoundError` where there is none."""
    files = sorted(split_folder.glob("data_tfrecord-*"))
    if not files:
        raise FileNotFoundError(f"{split_folder} holds no data_tfrecord-* files: the split was not written")
    return files


def read_corpus(
    files: Sequence[Path], skill_ids: Sequence[str], encode: Callable[[Any], dict[str, Any]]
) -> Corpus:
    """Reads labelled requests and encodes their text, each once.

    Args:
        files: Gzipped TFRecords of labelled requests.
        skill_ids: The catalogue in row order. Skills that it lacks are left out of lists and labels.
        encode: String [B] to padded "words", "chars" and "grams"; see `TextEncoder`.
    """
    names = tf.constant(list(skill_ids))
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(names, tf.range(len(skill_ids), dtype=tf.int32)), NO_SKILL
    )
    spec: dict[str, Any] = {name: tf.io.FixedLenFeature([], tf.string, "") for name in _SINGLES}
    spec |= {name: tf.io.RaggedFeature(tf.string, row_splits_dtype=tf.int64) for name in _LISTS}

    def prepare(examples: Any) -> dict[str, Any]:
        values = tf.io.parse_example(examples, spec)
        columns: dict[str, Any] = {
            "skill": table.lookup(values[F.LABEL_SKILL]),
            "negative": table.lookup(values[F.LABEL_NEGATIVE]),
            "out_of_scope": values[F.OUTCOME] == "out_of_scope",
        }
        for name, feature in (("enabled", F.ENABLED_SKILLS), ("also_correct", F.ALSO_CORRECT)):
            columns[name] = tf.ragged.map_flat_values(table.lookup, values[feature]).to_tensor(NO_SKILL) + 1
        return columns | encode(values[F.LABEL_TEXT])

    records = tf.data.TFRecordDataset([str(path) for path in files], compression_type="GZIP")
    batches = records.batch(_BATCH).map(prepare, num_parallel_calls=2, deterministic=True)
    return _stack(list(batches.as_numpy_iterator()))


def _stack(batches: list[dict[str, npt.NDArray[Any]]]) -> Corpus:
    """Joins encoded batches."""

    def ragged(name: str, like: npt.NDArray[Any]) -> Ragged:
        values, lengths = [like], [np.zeros(1, np.int64)]
        for batch in batches:
            column = batch[name]
            real = (
                column if column.ndim == 2 else column[..., 0]
            ) != 0  # a word is real if its first character is
            values.append(column[real].astype(like.dtype))
            lengths.append(real.sum(axis=1))
        return Ragged(np.concatenate(values), np.concatenate(lengths).astype(np.int64).cumsum())

    def column(name: str, dtype: Any) -> npt.NDArray[Any]:
        return np.concatenate([batch[name] for batch in batches] or [np.zeros(0)]).astype(dtype)

    width = batches[0]["chars"].shape[2] if batches else 1
    return Corpus(
        words=ragged("words", np.zeros(0, np.int32)),
        chars=ragged("chars", np.zeros((0, width), np.uint8)),
        grams=ragged("grams", np.zeros(0, np.int32)),
        enabled=ragged("enabled", np.zeros(0, np.int32)),
        also_correct=ragged("also_correct", np.zeros(0, np.int32)),
        skill=column("skill", np.int32),
        negative=column("negative", np.int32),
        out_of_scope=column("out_of_scope", np.bool_),
    )
