"""The default difficulty, as peers that know nothing of Arbiter see it.

1,500 skills, 40,000 requests, 4,000 customers, seed 0: the defaults. Peers read what Shortlister may read:
the raw utterance and the enabled list; they train on the handled requests of the train split and are judged
on `skill_id` over those of the test split. Who changes a default or a bound here restates every table made on
a simulated world.
`pytest -s tests/simulate/test_difficulty.py` prints the figures.
"""

from typing import NamedTuple

import numpy as np
import pytest
from scipy.sparse import csr_matrix
from sklearn.exceptions import ConvergenceWarning
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.svm import LinearSVC

from components.records.request import Request
from components.records.splits import Shares, hashed_split
from tests.simulate.conftest import Simulated, make

pytestmark = pytest.mark.filterwarnings(f"ignore::{ConvergenceWarning.__module__}.ConvergenceWarning")


class Part(NamedTuple):
    """The handled requests of one split: N requests, E longest list, padded with -1."""

    requests: list[Request]
    skill: np.ndarray  # [N]
    enabled: np.ndarray  # [N, E]


def parts(simulated: Simulated) -> dict[str, Part]:
    number = {skill_id: i for i, skill_id in enumerate(simulated.world.skill_ids)}
    chosen = {"train": [], "dev": [], "test": [], "rank": []}
    for request in simulated.requests:
        if request.outcome == "handled":
            chosen[hashed_split(f"c:{request.customer_id}", Shares())].append(request)
    longest = max(len(request.enabled_skills) for request in simulated.requests)
    result = {}
    for split, requests in chosen.items():
        enabled = np.full((len(requests), longest), -1)
        for row, request in zip(enabled, requests, strict=True):
            row[: len(request.enabled_skills)] = [number[skill_id] for skill_id in request.enabled_skills]
        skill = np.array([number[request.skill_id] for request in requests])
        result[split] = Part(requests, skill, enabled)
    return result


@pytest.fixture(scope="module")
def world():
    return make()


@pytest.fixture(scope="module")
def data(world):
    return parts(world)


@pytest.fixture(scope="module")
def popularity(world, data):
    return np.bincount(data["train"].skill, minlength=len(world.world.skill_ids))


@pytest.fixture(scope="module")
def svm_scores(world, data):
    """TF-IDF of word uni- and bigrams, Crammer-Singer linear SVM: scores [N, skills] of the test requests."""
    texts = {name: [request.utterance for request in data[name].requests] for name in ("train", "test")}
    vectors = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True, token_pattern=r"\S+")
    machine = LinearSVC(multi_class="crammer_singer", tol=0.1, max_iter=20, random_state=0)
    machine.fit(vectors.fit_transform(texts["train"]), data["train"].skill)
    scores = np.full((len(texts["test"]), len(world.world.skill_ids)), -np.inf)
    scores[:, machine.classes_] = machine.decision_function(vectors.transform(texts["test"]))
    return scores


def best_listed(enabled, value):
    """The enabled skill with the greatest value [skills]; -1 for an empty list."""
    at = np.where(enabled >= 0, value[enabled], -np.inf).argmax(axis=1)
    return np.take_along_axis(enabled, at[:, None], axis=1)[:, 0]


def accuracy(predicted, part):
    return float((predicted == part.skill).mean())


def test_svm_on_text_alone_is_between_70_and_80_percent(svm_scores, data):
    top_1 = accuracy(svm_scores.argmax(axis=1), data["test"])
    print(f"top-1 {top_1:.4f}")
    assert 0.70 <= top_1 <= 0.80


def test_svm_restricted_to_the_enabled_list_is_at_most_92_percent(svm_scores, data):
    enabled = data["test"].enabled
    listed = np.where(enabled >= 0, np.take_along_axis(svm_scores, np.maximum(enabled, 0), axis=1), -np.inf)
    predicted = np.take_along_axis(enabled, listed.argmax(axis=1)[:, None], axis=1)[:, 0]
    top_1 = accuracy(predicted, data["test"])
    print(f"top-1 {top_1:.4f}")
    assert top_1 <= 0.92
    assert top_1 > accuracy(svm_scores.argmax(axis=1), data["test"])  # the list helps


def test_the_most_popular_enabled_skill_is_at_most_40_percent(popularity, data):
    top_1 = accuracy(best_listed(data["test"].enabled, popularity), data["test"])
    print(f"top-1 {top_1:.4f}")
    assert top_1 <= 0.40


def test_text_and_list_together_can_tell_95_percent(popularity, data):
    """Whoever reads every text perfectly, takes an enabled skill that can serve it, else a popular one."""
    number = {
        request.skill_id: skill
        for request, skill in zip(data["test"].requests, data["test"].skill, strict=True)
    }
    right = 0
    for request, skill in zip(data["test"].requests, data["test"].skill, strict=True):
        able = {request.skill_id, *request.also_correct}
        choice = max(
            (able & {*request.enabled_skills}) or able, key=lambda s: (popularity[number.get(s, 0)], s)
        )
        right += number.get(choice) == skill
    print(f"top-1 {right / len(data['test'].requests):.4f}")
    assert right / len(data["test"].requests) >= 0.95


def test_half_of_the_test_requests_have_a_template_that_train_lacks():
    """A template is the sentence without its slot values, before misspelling would make it unique."""

    def template(request):
        text = request.utterance
        for slot in sorted(request.slots, key=lambda slot: -slot.start):
            text = f"{text[: slot.start]}{{}}{text[slot.end :]}"
        return text

    data = parts(make(noise=0.0))
    known = {template(request) for request in data["train"].requests}
    new = np.mean([template(request) not in known for request in data["test"].requests])
    print(f"new templates {new:.4f}")
    assert new >= 0.5


def test_the_list_alone_tells_no_more_than_its_most_popular_skill(popularity, data):
    """Two models trained on the lists alone stay within 2 points of the most popular enabled skill.

    One learns how attractive each skill is among those enabled (a conditional logit, the best of all its
    training steps counts); one sees which skills are enabled and may answer any (a linear SVM).
    """
    train, test = data["train"], data["test"]
    popular = accuracy(best_listed(test.enabled, popularity), test)
    inside = (train.enabled == train.skill[:, None]).any(axis=1)
    lists, used = train.enabled[inside], np.bincount(train.skill[inside], minlength=len(popularity))
    attraction, there, choice = np.log(popularity + 0.5), lists >= 0, 0.0
    for _ in range(20):
        weight = np.where(there, np.exp(attraction[lists]), 0.0)
        weight /= weight.sum(axis=1, keepdims=True)
        expected = np.bincount(lists[there], weight[there], minlength=len(popularity))
        attraction += np.log((used + 0.5) / (expected + 0.5))
        choice = max(choice, accuracy(best_listed(test.enabled, attraction), test))

    def bag(part):
        rows, columns = np.nonzero(part.enabled >= 0)
        bits = (np.ones(len(rows)), (rows, part.enabled[rows, columns]))
        return csr_matrix(bits, shape=(len(part.skill), len(popularity)))

    machine = LinearSVC(multi_class="crammer_singer", C=0.1, tol=0.3, max_iter=4, random_state=0)
    linear = accuracy(machine.fit(bag(train), train.skill).predict(bag(test)), test)
    print(f"popular {popular:.4f}, choice {choice:.4f}, linear {linear:.4f}")
    assert max(choice, linear) <= popular + 0.02


def test_the_place_in_the_list_tells_nothing(data):
    """Mean place of the skill used, 0 first to 1 last, each customer counting once."""
    places = {}
    for part in data.values():
        for request in part.requests:
            if len(request.enabled_skills) > 1 and request.skill_id in request.enabled_skills:
                place = request.enabled_skills.index(request.skill_id) / (len(request.enabled_skills) - 1)
                places.setdefault(request.customer_id, []).append(place)
    means = [np.mean(own) for own in places.values()]
    assert abs(np.mean(means) - 0.5) < 4 * np.std(means) / len(means) ** 0.5
