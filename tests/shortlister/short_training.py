"""A training that can be killed; it writes its weights to OUT, an npz.

python -m tests.shortlister.short_training EXAMPLES CHECKPOINTS OUT
"""

import sys
from functools import partial
from pathlib import Path

import numpy as np
import tensorflow as tf

from components.records.artifact_files import split_files
from components.shortlister import train as training
from components.shortlister.checkpoint import Checkpoint
from components.shortlister.options import ShortlisterOptions
from components.shortlister.phase import Phase
from components.shortlister.read_corpus import read_corpus
from components.shortlister.targets import LossWeights
from tests.shortlister.world import CATALOGUE

OPTIONS = ShortlisterOptions(
    epochs=2, batch_size=32, word_buckets=64, gram_buckets=256, char_size=3, form_size=4, word_size=5,
    lstm_size=6, gram_size=7, utterance_size=8,
)  # fmt: skip


def main(examples, checkpoints, out):
    encode = tf.function(training.text_encoder(OPTIONS), input_signature=[tf.TensorSpec([None], tf.string)])
    corpus, dev = (
        read_corpus(split_files(Path(examples), split), CATALOGUE.skill_ids, encode)
        for split in ("train", "dev")
    )
    phase = Phase(
        "train",
        epochs=2,
        learning_rate=0.01,
        patience=3,
        keep_teacher=True,
        schedule=lambda epoch: LossWeights(distillation=1 - 0.9**epoch),
    )
    done = training.train(
        corpus,
        dev,
        skills=len(CATALOGUE),
        options=OPTIONS,
        phase=phase,
        checkpoints=Path(checkpoints),
        report=lambda epoch: print("epoch", epoch.epoch, flush=True),
    )
    np.savez(out, *done.network.get_weights(), losses=[epoch.loss for epoch in done.epochs])
    return done


if __name__ == "__main__":
    training.Checkpoint = partial(Checkpoint, every_s=0.0)
    main(*sys.argv[1:])
