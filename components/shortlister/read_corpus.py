"""Reads the labelled requests of a split, or bare utterances, into a `Corpus`."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.records.features import F
from components.records.propensity import choice_weights
from components.records.tfrecord import read_records
from components.shortlister.corpus import Corpus
from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ints, Ragged

_BATCH = 2048
_SINGLES = (F.LABEL_TEXT, F.LABEL_SKILL, F.LABEL_NEGATIVE, F.OUTCOME, F.ROUTED_CHOSEN)
_PLAIN = ("skill", "negative", "out_of_scope", "propensity")
_LISTS = {"enabled": F.ENABLED_SKILLS, "also_correct": F.ALSO_CORRECT}

Batch = dict[str, npt.NDArray[Any]]
Word = tuple[bytes, bytes]  # characters and n-grams


def count_examples(files: Sequence[Path]) -> int:
    """How many records the gzipped TFRecords `files` hold. Raises `ValueError` naming one that is damaged."""
    return sum(1 for path in files for _ in read_records(path))


def read_corpus(
    files: Sequence[Path], skill_ids: Sequence[str], encode: Callable[[Any], dict[str, Any]]
) -> Corpus:
    """Reads labelled requests and encodes their text, each once, in file order; what a router chose weighs by
    `choice_weights`.

    Args:
        files: Gzipped TFRecords of labelled requests.
        skill_ids: The catalogue in row order. Skills that it lacks are left out of lists and labels.
        encode: String [B] to encoded text; see `TextEncoder`.
    """
    names = tf.constant(list(skill_ids))
    table = tf.lookup.StaticHashTable(
        tf.lookup.KeyValueTensorInitializer(names, tf.range(len(skill_ids), dtype=tf.int32)), NO_SKILL
    )
    spec: dict[str, Any] = {name: tf.io.FixedLenFeature([], tf.string, "") for name in _SINGLES}
    spec[F.ROUTED_PROPENSITY] = tf.io.FixedLenFeature([], tf.float32, np.nan)
    spec |= {name: tf.io.RaggedFeature(tf.string, row_splits_dtype=tf.int64) for name in _LISTS.values()}

    def prepare(examples: Any) -> dict[str, Any]:
        values = tf.io.parse_example(examples, spec)
        skill, negative, chosen = (
            values[name] for name in (F.LABEL_SKILL, F.LABEL_NEGATIVE, F.ROUTED_CHOSEN)
        )
        told = (chosen != "") & ((chosen == skill) | (chosen == negative))  # as `choice_propensity`
        columns: dict[str, Any] = {
            "skill": table.lookup(skill),
            "negative": table.lookup(negative),
            "out_of_scope": values[F.OUTCOME] == "out_of_scope",
            "propensity": tf.where(told, values[F.ROUTED_PROPENSITY], np.nan),
        }
        for name, feature in _LISTS.items():
            columns[name] = tf.ragged.map_flat_values(table.lookup, values[feature]).to_tensor(NO_SKILL) + 1
        return columns | encode(values[F.LABEL_TEXT])

    records = tf.data.TFRecordDataset([str(path) for path in files], "GZIP").batch(_BATCH)
    return _gather(records.map(prepare, num_parallel_calls=2, deterministic=True).as_numpy_iterator())


def corpus_of_texts(texts: Sequence[str], encode: Callable[[Any], dict[str, Any]]) -> Corpus:
    """Unlabelled requests without an enabled list: their text alone, encoded."""

    def batches() -> Iterator[Batch]:
        for start in range(0, len(texts), _BATCH):
            part = tf.constant(list(texts[start : start + _BATCH]))
            none = np.full(len(part), NO_SKILL, np.int32)
            empty = np.zeros((len(part), 0), np.int32)
            text = {name: np.asarray(values) for name, values in encode(part).items()}
            yield {
                **text,
                **dict.fromkeys(_LISTS, empty),
                "skill": none,
                "negative": none,
                "out_of_scope": np.zeros(len(part), np.bool_),
                "propensity": np.full(len(part), np.nan, np.float32),
            }

    return _gather(batches())


def read_texts(files: Sequence[Path]) -> list[str]:
    """The text of each labelled request, in the order of `read_corpus`."""
    spec = {F.LABEL_TEXT: tf.io.FixedLenFeature([], tf.string, "")}
    records = tf.data.TFRecordDataset([str(path) for path in files], "GZIP").batch(_BATCH)
    batches = records.map(lambda examples: tf.io.parse_example(examples, spec)[F.LABEL_TEXT])
    return [text.decode() for batch in batches.as_numpy_iterator() for text in batch]


def _gather(batches: Iterable[Batch]) -> Corpus:
    """Packs padded batches one by one, so that the padding of one batch only is held."""
    ragged: dict[str, list[Ragged]] = {name: [] for name in ("words", "pairs", "spelling", *_LISTS)}
    plain: dict[str, list[npt.NDArray[Any]]] = {name: [] for name in _PLAIN}
    known: dict[Word, int] = {}
    for batch in batches:
        batch["spelling"] = _number(batch, known)
        for name, packed in ragged.items():
            packed.append(Ragged.pack(batch[name]))
        for name, columns in plain.items():
            columns.append(batch[name])
    width = max((len(chars) for chars, _ in known), default=1)
    chars = np.frombuffer(b"".join((bytes(width), *(chars for chars, _ in known))), np.uint8)
    grams = [np.zeros(0, np.int32), *(np.frombuffer(grams, np.int32) for _, grams in known)]

    def column(name: str, dtype: Any) -> npt.NDArray[Any]:
        return np.concatenate([np.zeros(0, dtype), *plain[name]])

    skill = column("skill", np.int32)
    return Corpus(
        **{name: Ragged.join(packed) for name, packed in ragged.items()},
        chars=chars.reshape(-1, width),
        grams=Ragged(np.concatenate(grams), np.cumsum([0, *map(len, grams)])),
        skill=skill,
        negative=column("negative", np.int32),
        out_of_scope=column("out_of_scope", np.bool_),
        extra=Ragged.empty(len(skill)),
        extra_weight=np.zeros(0, np.float32),
        weight=choice_weights(column("propensity", np.float32)),
    )


def _number(batch: Batch, known: dict[Word, int]) -> Ints:
    """Renumbers the batch's `spelling` by the words `known` so far, in order; adds those that are new."""
    chars, grams = batch["chars"].astype(np.uint8), batch["grams"].astype(np.int32)
    starts = np.searchsorted(batch["gram_rows"], np.arange(len(chars) + 1))
    numbers = np.zeros(len(chars), np.int32)
    for row in np.unique(batch["spelling"][batch["spelling"] > 0]):
        word = chars[row].tobytes(), grams[starts[row] : starts[row + 1]].tobytes()
        numbers[row] = known.setdefault(word, len(known) + 1)
    return numbers[batch["spelling"]]
