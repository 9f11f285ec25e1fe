"""How many requests a second one training step takes in, for a few numbers of skills.

    python -m benchmarks.training_speed [--skills 150 1500 10000 40000] [--threads 1] [--options '{}']

Requests come from the simulated world of 1,500 skills, with its enabled lists. For another number of skills
the labels and the lists are drawn evenly, since the time depends on their number alone. A step is the whole
of it: forward, backward, clipping and Adam; batches are cut beforehand. Seconds are those of the clock and of
the process on all its cores; the second are what a busy machine leaves comparable.
"""

import argparse
import dataclasses
import itertools
import time
from collections.abc import Sequence

import msgspec
import numpy as np
import tensorflow as tf

from benchmarks.shortlister_runs import corpora
from components.shortlister.batches import shuffled_batches
from components.shortlister.corpus import Corpus
from components.shortlister.optimizer import FusedAdam
from components.shortlister.options import ShortlisterOptions
from components.shortlister.ragged import Ragged
from components.shortlister.targets import LossWeights, Targets
from components.shortlister.train import build_network
from components.shortlister.training_loss import training_loss
from components.simulate.grammar import Grammar
from components.simulate.options import SimulateOptions
from components.simulate.requests import requests
from components.simulate.world import World

_WORLD = SimulateOptions(skills=1_500, customers=2_000, requests=20_000, seed=1)
_WARM_UP, _STEPS = 3, 20


def world_corpus(options: ShortlisterOptions) -> Corpus:
    """The labelled requests of the simulated world."""
    world = World(_WORLD, Grammar())
    found = [request for request in requests(world) if request.skill_id is not None]
    return corpora({"train": found}, world.skill_ids, options)["train"]


def relabelled(corpus: Corpus, skills: int, rng: np.random.Generator) -> Corpus:
    """The same requests with labels and lists drawn from `skills`."""
    enabled = Ragged(
        rng.integers(1, skills + 1, corpus.enabled.values.size, dtype=np.int32), corpus.enabled.starts
    )
    return dataclasses.replace(
        corpus, skill=rng.integers(0, skills, len(corpus), dtype=np.int32), enabled=enabled
    )


def seconds_a_step(corpus: Corpus, *, skills: int, options: ShortlisterOptions) -> tuple[float, float]:
    """By the clock, and of the process."""
    size = options.batch_size or 0
    batches = shuffled_batches(corpus, corpus.teaching, size=size, rng=np.random.default_rng(0))
    cut = [(corpus.inputs(rows), corpus.targets(rows)) for rows in itertools.islice(batches, _STEPS)]
    network = build_network(options, skills=skills)
    optimizer = FusedAdam(1e-3, clip_norm=options.clip_norm)
    variables = network.trainable_variables
    optimizer.build(variables)

    def step(inputs: dict[str, tf.Tensor], targets: Targets) -> None:
        with tf.GradientTape() as tape:
            loss = training_loss(network, inputs, targets, LossWeights(), options=options)
        optimizer.apply(tape.gradient(loss, variables), variables)

    step = tf.function(step, reduce_retracing=True)
    for inputs, targets in cut[:_WARM_UP]:
        step(inputs, targets)
    started, used = time.perf_counter(), time.process_time()
    for inputs, targets in cut:
        step(inputs, targets)
    return (time.perf_counter() - started) / len(cut), (time.process_time() - used) / len(cut)


def main(arguments: Sequence[str] | None = None) -> None:
    """Prints one table."""
    parser = argparse.ArgumentParser(
        prog="arbiter bench training_speed",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--skills", nargs="+", type=int, default=[150, 1_500, 10_000, 40_000])
    parser.add_argument("--threads", type=int, default=0, help="0: all cores")
    parser.add_argument("--options", default="{}", help="JSON of ShortlisterOptions")
    chosen = parser.parse_args(arguments)
    tf.config.threading.set_intra_op_parallelism_threads(chosen.threads)
    options = msgspec.json.decode(chosen.options, type=ShortlisterOptions).sized(1_000_000)
    corpus = world_corpus(options)
    print("| skills | ms a step | requests/s | requests a core-second |\n|---|---|---|---|")
    for skills in chosen.skills:
        rng = np.random.default_rng(skills)
        named = corpus if skills == _WORLD.skills else relabelled(corpus, skills, rng)
        clock, process = seconds_a_step(named, skills=skills, options=options)
        size = options.batch_size or 0
        print(f"| {skills:,} | {1e3 * clock:.0f} | {size / clock:,.0f} | {size / process:,.0f} |", flush=True)


if __name__ == "__main__":
    main()
