"""The peers on text alone: TF-IDF + linear SVM, and MiniLM embeddings + logistic regression.

What a peer leaves open (the cost) is chosen by its top-1 on dev.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import FeatureUnion, Pipeline, make_pipeline
from sklearn.svm import LinearSVC

from benchmarks.text_answers import Figures, Ints, Split, figures
from components.records.request import Request
from components.shortlister.teacher.pretrained import load_pretrained
from components.shortlister.teacher.sentence_encoder import SentenceEncoder

_SVM_COSTS = (0.1, 0.3, 1.0, 3.0)
_LOGISTIC_COSTS = (3.0, 10.0, 30.0)

Texts = dict[str, tuple[list[str], Ints, list[str]]]
"""By split: the in-scope texts, their skills' numbers, the out-of-scope texts."""


def texts_of(splits: Mapping[str, Sequence[Request]], skill_ids: Sequence[str]) -> Texts:
    """The requests by what is known of them; those of which nothing is known are left out."""
    numbers = {skill_id: number for number, skill_id in enumerate(skill_ids)}
    found: Texts = {}
    for split, requests in splits.items():
        inside = [request for request in requests if request.skill_id is not None]
        found[split] = (
            [request.utterance for request in inside],
            np.array([numbers[request.skill_id or ""] for request in inside]),
            [request.utterance for request in requests if request.outcome == "out_of_scope"],
        )
    return found


def svm(texts: Texts) -> tuple[str, Figures]:
    """TF-IDF of words and word pairs beside character 2- to 5-grams within words, into a linear SVM."""

    def model(cost: float) -> Pipeline:
        features = FeatureUnion(
            [
                ("words", TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)),
                ("chars", TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True)),
            ]
        )
        return make_pipeline(features, LinearSVC(C=cost))

    cost, found = _best(texts, model, _SVM_COSTS, lambda part: part)
    return f"TF-IDF + linear SVM, C={cost}", found


def minilm(texts: Texts) -> tuple[str, Figures]:
    """Frozen all-MiniLM-L6-v2 sentence embeddings into multinomial logistic regression."""
    encoder = SentenceEncoder(load_pretrained("minilm"))
    cost, found = _best(
        texts, lambda cost: LogisticRegression(C=cost, max_iter=300), _LOGISTIC_COSTS, encoder
    )
    return f"MiniLM embeddings + logistic regression, C={cost}", found


def _best(
    texts: Texts, model: Callable[[float], Any], costs: Sequence[float], features: Callable[[list[str]], Any]
) -> tuple[float, Figures]:
    """The cost with the best dev top-1, and the figures of its model."""
    read = {split: (features(inside), features(outside)) for split, (inside, _, outside) in texts.items()}
    gold = {split: part[1] for split, part in texts.items()}
    tried = []
    for cost in costs:
        fitted = model(cost).fit(read["train"][0], gold["train"])

        def scores(split: str, fitted: Any = fitted) -> Split:
            inside, outside = read[split]
            classes = fitted.decision_function(inside)
            none = (
                fitted.decision_function(outside) if len(texts[split][2]) else np.zeros((0, classes.shape[1]))
            )
            return Split.of(classes, none)

        tried.append((cost, figures(scores("dev"), scores("test"), gold["dev"], gold["test"])))
    return max(tried, key=lambda one: one[1].dev_top1)
