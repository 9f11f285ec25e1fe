"""A toy world: skills that one word tells apart, and requests that name only the kind of thing."""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import tensorflow as tf

from components.records.catalogue import Catalogue
from components.records.examples import encode, labelled_values
from components.records.label import Label, LabelledRequest
from components.records.request import Request
from components.records.skill import Skill
from components.shortlister.corpus import Corpus
from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ragged

TOPICS = ("music", "weather", "taxi", "recipe", "news")
CATALOGUE = Catalogue(
    [
        Skill(skill_id=f"{topic}-{maker}", domain=topic, invocations=(f"{maker} {topic}",))
        for topic in TOPICS
        for maker in ("one", "two")
    ]
)
_CARRIERS = ("please {} now", "i want {} today", "{} for me", "can you do {} again", "start {}")


def labelled(
    request_id: str,
    text: str,
    *,
    skill_id: str | None = None,
    negative: str | None = None,
    enabled: Sequence[str] = (),
    also_correct: Sequence[str] = (),
    outcome: str | None = None,
) -> LabelledRequest:
    """A labelled request whose model-readable text is its utterance."""
    request = Request(
        request_id=request_id,
        utterance=text,
        skill_id=skill_id or negative,
        enabled_skills=tuple(enabled),
        also_correct=tuple(also_correct),
        outcome="rejected" if negative else outcome,
    )
    source = "annotated" if skill_id else "feedback" if negative else "none"
    label = Label(text=text, skill_id=skill_id, negative_skill=negative, source=source, rule="toy/1")
    return LabelledRequest(request=request, label=label)


def toy_requests(count: int, *, seed: int) -> list[LabelledRequest]:
    """Requests for a topic; which of its two makers is right only the enabled list tells."""
    rng = np.random.default_rng(seed)
    requests = []
    for n in range(count):
        topic = TOPICS[rng.integers(len(TOPICS))]
        skill_id = f"{topic}-{('one', 'two')[rng.integers(2)]}"
        other = CATALOGUE.skill_ids[rng.integers(len(CATALOGUE))]
        enabled = [skill_id] if other.startswith(topic) else [other, skill_id]
        text = _CARRIERS[rng.integers(len(_CARRIERS))].format(topic)
        requests.append(labelled(f"{seed}-{n}", text, skill_id=skill_id, enabled=enabled))
    return requests


def write_split(examples: Path, split: str, requests: Iterable[LabelledRequest]) -> None:
    """Writes a split as the Label node does."""
    folder = examples / f"Split-{split}"
    folder.mkdir(parents=True)
    with tf.io.TFRecordWriter(str(folder / "data_tfrecord-00000-of-00001.gz"), "GZIP") as writer:
        for request in requests:
            writer.write(encode(labelled_values(request)))


def write_toy(examples: Path, *, train: int = 300, dev: int = 60) -> None:
    """Writes the splits train and dev."""
    write_split(examples, "train", toy_requests(train, seed=1))
    write_split(examples, "dev", toy_requests(dev, seed=2))


def bare_corpus(requests: int, **columns: object) -> Corpus:
    """Requests without text, lists or labels, but for the `columns` given."""
    nothing, none = Ragged.empty(requests), np.full(requests, NO_SKILL, np.int32)
    ragged = dict.fromkeys(("words", "pairs", "spelling", "enabled", "also_correct", "extra"), nothing)
    plain = {
        "chars": np.zeros((1, 1), np.uint8),
        "grams": Ragged.empty(1),
        "skill": none,
        "negative": none,
        "out_of_scope": np.zeros(requests, np.bool_),
        "extra_weight": np.zeros(0, np.float32),
        "weight": np.ones(requests, np.float32),
    }
    return Corpus(**{**ragged, **plain, **columns})
