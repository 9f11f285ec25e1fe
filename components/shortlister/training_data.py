"""All that one training learns from and is judged by: the requests, and rows from the catalogue's text."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from components.records.artifact_files import split_files
from components.records.catalogue import Catalogue
from components.records.encoding.text_encoder import TextEncoder
from components.shortlister.catalogue_text import TextRow, catalogue_corpus, catalogue_rows, expected_rows
from components.shortlister.corpus import Corpus
from components.shortlister.options import ShortlisterOptions
from components.shortlister.read_corpus import count_examples, read_corpus
from components.shortlister.train import text_encoder


@dataclass(frozen=True)
class TrainingData:
    """What was read, as arrays, and how.

    Attributes:
        options: Sized by the number of rows.
        encoder: Of the text.
        encode: The same as a graph: string [B] to encoded text.
        train_files, dev_files: The requests.
        requests: How many `train_files` hold: the first rows of `corpus`.
        teaching: How many of them a loss can use.
        made: The rows from the catalogue's text: the last ones of `corpus`.
        corpus: To learn from.
        dev: To calibrate by.
    """

    options: ShortlisterOptions
    encoder: TextEncoder
    encode: Callable[[Any], dict[str, Any]]
    train_files: list[Path]
    dev_files: list[Path]
    requests: int
    teaching: int
    made: list[TextRow]
    corpus: Corpus
    dev: Corpus

    @property
    def asked(self) -> Corpus:
        """The requests alone, without the rows that were made."""
        return self.corpus.take(np.arange(self.requests))


def read_training_data(
    examples: Path,
    catalogue: Catalogue,
    options: ShortlisterOptions,
    *,
    like: ShortlisterOptions | None = None,
) -> TrainingData:
    """Reads `examples`/Split-train and Split-dev, and makes the catalogue's rows.

    Args:
        like: Sized options of an earlier training, whose sizes are kept as long as they do; see
            `ShortlisterOptions.sized`.

    Raises:
        FileNotFoundError: A split is missing.
        ValueError: A file is damaged.
    """
    train_files, dev_files = (split_files(examples, split) for split in ("train", "dev"))
    requests = count_examples(train_files)
    further = expected_rows(len(catalogue), requests) if options.catalogue_weight else 0
    options = options.sized(requests + further, like=like)
    encoder = text_encoder(options)
    encode = tf.function(encoder, input_signature=[tf.TensorSpec([None], tf.string)])
    corpus, dev = (read_corpus(files, catalogue.skill_ids, encode) for files in (train_files, dev_files))
    teaching = len(corpus.teaching)
    made: list[TextRow] = []
    if options.catalogue_weight:
        made = catalogue_rows(list(catalogue), corpus, seed=options.seed)
        corpus = corpus.join(
            catalogue_corpus(made, corpus, encode, weight=options.catalogue_weight, seed=options.seed)
        )
    return TrainingData(
        options, encoder, encode, train_files, dev_files, requests, teaching, made, corpus, dev
    )
