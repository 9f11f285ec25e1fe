"""What the Shortlister's benchmarks share: corpora from requests in memory, one training, intervals."""

import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.records.artifact_files import split_files, split_folder
from components.records.catalogue import Catalogue
from components.records.examples import encode, labelled_values
from components.records.label import Label, LabelledRequest
from components.records.request import Request
from components.shortlister.catalogue_text import catalogue_corpus, catalogue_rows
from components.shortlister.corpus import Corpus
from components.shortlister.list_trust import trust_lists
from components.shortlister.options import ShortlisterOptions
from components.shortlister.predict import Scorer
from components.shortlister.read_corpus import read_corpus
from components.shortlister.train import Training, text_encoder, train

Bools = npt.NDArray[np.bool_]
_RESAMPLES = 2000


@dataclass(frozen=True)
class Result:
    """One training: which test requests [N] came out right, by `skill_id` alone and by any correct skill,
    and which have `skill_id` among the first five."""

    right: Bools
    right_any: Bools
    in_top5: Bools
    training: Training

    @property
    def dev_top1(self) -> float:
        return self.training.epochs[self.training.best_epoch - 1].dev_top1 or 0.0

    @property
    def seconds(self) -> float:
        return sum(epoch.seconds for epoch in self.training.epochs)

    @property
    def requests_per_second(self) -> float:
        return float(np.mean([epoch.requests_per_second for epoch in self.training.epochs]))


def labelled(request: Request) -> LabelledRequest:
    """The request with its own `skill_id` as label."""
    source = "none" if request.skill_id is None else "annotated"
    return LabelledRequest(
        request=request,
        label=Label(text=request.utterance, skill_id=request.skill_id, source=source, rule="benchmark"),
    )


def corpora(
    splits: Mapping[str, Iterable[Request | LabelledRequest]],
    skill_ids: Sequence[str],
    options: ShortlisterOptions,
    *,
    catalogue: Catalogue | None = None,
) -> dict[str, Corpus]:
    """Each split as the pipeline would read it: written as labelled examples, then read and encoded.

    A request that comes without a label has its own `skill_id`. With a `catalogue`, its text becomes rows of
    train as `catalogue_weight` says.
    """
    encoder = tf.function(text_encoder(options), input_signature=[tf.TensorSpec([None], tf.string)])
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        for split, requests in splits.items():
            path = split_folder(Path(folder), split)
            path.mkdir()
            with tf.io.TFRecordWriter(str(path / "data_tfrecord-00000-of-00001.gz"), "GZIP") as writer:
                for one in requests:
                    example = labelled(one) if isinstance(one, Request) else one
                    writer.write(encode(labelled_values(example)))
            found[split] = read_corpus(split_files(Path(folder), split), skill_ids, encoder)
    if catalogue is not None and options.catalogue_weight > 0.0:
        made = catalogue_rows(list(catalogue), found["train"], seed=options.seed)
        weight = options.catalogue_weight
        text = catalogue_corpus(made, found["train"], encoder, weight=weight, seed=options.seed)
        found["train"] = found["train"].join(text)
    return found


def run(splits: Mapping[str, Corpus], skill_ids: Sequence[str], options: ShortlisterOptions) -> Result:
    """Trains on `train`, stops by `dev`, fits on it how far to trust lists, and looks at `test` once."""
    training = train(splits["train"], splits["dev"], skills=len(skill_ids), options=options)
    trust_lists(training.network, splits["dev"])
    return judge(training, splits["test"])


def judge(training: Training, test: Corpus) -> Result:
    """What the network, as it is now, makes of the test requests with a right skill."""
    best, _ = Scorer(training.network, skills=training.network.skills).top(test, test.scored, k=5)
    hits = best == test.skill[test.scored, None]  # [N, 5]
    also = (best[:, :1] + 1 == test.also_correct.pad(test.scored)).any(axis=1)
    right = hits[:, 0]
    return Result(right=right, right_any=right | also, in_top5=hits.any(axis=1), training=training)


def interval(
    values: npt.NDArray[np.float64], *, groups: Sequence[str] | None = None, seed: int = 0
) -> tuple[float, float]:
    """The 95 % bootstrap interval of the mean of `values` [N].

    Requests are drawn one by one, or with all others of their group (a customer's requests share a list).
    """
    _, group = np.unique(np.arange(len(values)) if groups is None else groups, return_inverse=True)
    totals, counts = np.bincount(group, weights=values), np.bincount(group)
    rng = np.random.default_rng(seed)
    draws = (rng.integers(0, len(counts), len(counts)) for _ in range(_RESAMPLES))
    low, high = np.quantile([totals[draw].sum() / counts[draw].sum() for draw in draws], [0.025, 0.975])
    return float(low), float(high)
