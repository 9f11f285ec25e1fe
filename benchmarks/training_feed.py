"""What batches cost before the training step: packed once in memory, or streamed and encoded every epoch.

    python -m benchmarks.training_feed [--threads 2]

Requests of the simulated world of 1,500 skills as labelled TFRecords. Packed: what training does; read and
encoded once, each batch cut while the step before it runs. Streamed: tf.data reads, shuffles, buckets by
length (`bucket_by_sequence_length`) and encodes every batch anew; lists are the request's own, since another
request's is not at hand. Milliseconds are of the process on all its cores per 1,000 requests, which a busy
machine leaves comparable; the step's own beside them.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import tensorflow as tf

from benchmarks.shortlister_runs import labelled
from components.records.examples import encode, labelled_values
from components.records.features import F
from components.shortlister.corpus import Corpus
from components.shortlister.feed import fed, planned
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.read_corpus import read_corpus
from components.shortlister.step import TrainingStep
from components.shortlister.targets import LossWeights
from components.shortlister.train import build_network, text_encoder
from components.simulate.grammar import Grammar
from components.simulate.options import SimulateOptions
from components.simulate.requests import requests
from components.simulate.world import World

_WORLD = SimulateOptions(skills=1_500, customers=2_000, requests=20_000, seed=1)
_STEPS = 20
_BOUNDARIES = [4, 6, 8, 10, 12, 14, 16, 20]  # words
_SHUFFLED = 10_000


def write(path: Path) -> tuple[str, ...]:
    """The world's labelled requests to one gzipped TFRecord file; its skill ids."""
    world = World(_WORLD, Grammar())
    with tf.io.TFRecordWriter(str(path), "GZIP") as writer:
        for request in requests(world):
            if request.skill_id is not None:
                writer.write(encode(labelled_values(labelled(request))))
    return tuple(world.skill_ids)


def streamed(path: Path, encoder: Callable[[Any], Any], *, size: int) -> tf.data.Dataset:
    """Batches of encoded text, label and list, encoded as they are taken."""
    spec = {
        F.LABEL_TEXT: tf.io.FixedLenFeature([], tf.string, ""),
        F.LABEL_SKILL: tf.io.FixedLenFeature([], tf.string, ""),
        F.ENABLED_SKILLS: tf.io.RaggedFeature(tf.string),
    }

    def words(example: dict[str, Any]) -> Any:
        return tf.size(tf.strings.split(example[F.LABEL_TEXT]))

    return (
        tf.data.TFRecordDataset(str(path), "GZIP")
        .map(lambda record: tf.io.parse_single_example(record, spec), num_parallel_calls=2)
        .shuffle(_SHUFFLED, seed=1)
        .bucket_by_sequence_length(words, _BOUNDARIES, [size] * (len(_BOUNDARIES) + 1))
        .map(lambda batch: (encoder(batch[F.LABEL_TEXT]), batch), num_parallel_calls=2)
        .prefetch(4)
    )


def cpu_ms(batches: Iterable[Any], count: int) -> float:
    """Milliseconds of the process per 1,000 of the `count` requests, to take all `batches`."""
    started = time.process_time()
    for _ in batches:
        pass
    return 1e6 * (time.process_time() - started) / count


def bytes_a_request(corpus: Corpus) -> float:
    """Of all that is packed."""
    columns = (value for value in vars(corpus).values())
    flat = (v if isinstance(v, np.ndarray) else np.concatenate([v.values, v.starts]) for v in columns)
    return sum(array.nbytes for array in flat) / len(corpus)


def steps(step: TrainingStep, corpus: Corpus, *, size: int, random_share: float) -> tuple[float, float]:
    """CPU ms of the step per 1,000 requests, its batches' cutting included; and the share of its time that it
    waits for them: medians of how long a batch takes to come from a second feed beside its own."""
    strategy, rng, weights = tf.distribute.get_strategy(), np.random.default_rng(1), LossWeights()
    plan = planned(corpus, corpus.teaching, size=size, random_share=random_share, rng=rng)[:_STEPS]
    batches = fed(corpus, plan, strategy)
    for _ in range(2):  # traces
        step(batches, weights)
    started = time.process_time()
    for _ in plan[2:]:
        float(step(batches, weights))
    used = time.process_time() - started
    batches, beside = fed(corpus, plan, strategy), fed(corpus, plan, strategy)
    waited, taken = [], []
    for _ in plan:
        asked = time.perf_counter()
        next(beside)
        begun = time.perf_counter()
        float(step(batches, weights))
        waited.append(begun - asked)
        taken.append(time.perf_counter() - begun)
    share = float(np.median(waited) / np.median(taken))
    return 1e6 * used / (len(plan[2:]) * size), share


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench training_feed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    chosen = parser.parse_args(arguments)
    tf.config.threading.set_intra_op_parallelism_threads(chosen.threads)
    options = ShortlisterOptions().sized(1_000_000)
    size = options.batch_size or 0
    encoder = tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "requests.gz"
        skill_ids = write(path)
        read_corpus([path], skill_ids, encoder)  # traces
        started = time.process_time()
        corpus = read_corpus([path], skill_ids, encoder)
        count = len(corpus)
        once = 1e6 * (time.process_time() - started) / count
        for _ in streamed(path, encoder, size=size).take(1):  # traces
            pass
        anew = cpu_ms(streamed(path, encoder, size=size), count)
    strategy, rng = tf.distribute.get_strategy(), np.random.default_rng(1)
    plan = planned(corpus, corpus.teaching, size=size, random_share=options.random_lists, rng=rng)
    cut = cpu_ms(fed(corpus, plan, strategy), count)
    network = build_network(options, skills=len(skill_ids))
    step = TrainingStep(network, None, learning_rate=1e-3, steps=1_000, options=options, strategy=strategy)
    trained, waits = steps(step, corpus, size=size, random_share=options.random_lists)
    scorer = Scorer(network, skills=len(skill_ids))
    scorer.first(corpus, np.arange(size))  # traces
    started = time.process_time()
    scorer.first(corpus, np.arange(count))
    scored = 1e6 * (time.process_time() - started) / count
    print(
        f"""\
| CPU ms per 1,000 requests | |
|---|---|
| training step, its batches cut meanwhile | {trained:.0f} |
| packed: read and encoded, once | {once:.0f} |
| packed: batches cut, each epoch | {cut:.1f} |
| streamed: read and encoded, each epoch | {anew:.0f} |
| scored after an epoch, per 1,000 dev requests | {scored:.0f} |

Packed, a request takes {bytes_a_request(corpus):.0f} bytes. The step waits {waits:.1%} of its time for
batches.""",
    )


if __name__ == "__main__":
    main()
