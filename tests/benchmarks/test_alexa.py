import math

import numpy as np
import pytest

from benchmarks.alexa_measures import right_skills
from benchmarks.alexa_peers import list_alone, measure_bm25
from benchmarks.alexa_shortlister import training_lists
from benchmarks.alexa_split import AlexaSplit, Phrase, alexa_split, without_name
from benchmarks.bm25 import Bm25
from benchmarks.enabled_draws import around_another, by_neighbourhood, by_reviews
from components.records.invocation import InvocationIndex
from components.records.skill import Skill
from components.records.text import tokens

TIDE = Skill(skill_id="tide", domain="d", name="Tide Pooler", invocations=("tide pooler",))


@pytest.mark.parametrize(
    ("phrase", "left"),
    [
        ("Alexa, ask Tide Pooler when is high tide?", "when is high tide"),
        ("Alexa, open Tide Pooler", ""),
        ("Alexa, when is high tide in tide pooler", "when is high tide in"),
        ("Ask Bitcoin Rate for the tide", "ask bitcoin rate for the tide"),
    ],
)
def test_a_phrase_loses_carrier_and_name(phrase, left):
    assert without_name(phrase, TIDE, InvocationIndex([TIDE])) == left


def test_the_last_phrases_are_held_out(shared_data):
    split = alexa_split(shared_data / "alexa-skills")
    assert len(split.skills) == 3964
    assert 0.2 < split.dropped < 0.4
    assert len(split.test) + round(split.dropped * split.held_out) == split.held_out
    for part in (split.dev, split.test):
        assert len({phrase.skill for phrase in part}) == len(part)
        for phrase in part:
            words = tokens(phrase.text)
            name = tokens(split.skills[phrase.skill].name or "")
            assert len(words) >= 2
            assert not any(words[at : at + len(name)] == name for at in range(len(words)) if name)


def test_bm25_is_lucenes_formula():
    documents = [["a", "b"], ["b", "b", "c", "d"], ["c"]]
    k1, b, mean = 1.2, 0.75, 7 / 3

    def term(word, document):
        had_by, count = sum(word in other for other in documents), document.count(word)
        idf = math.log(1 + (3 - had_by + 0.5) / (had_by + 0.5))
        return idf * count / (count + k1 * (1 - b + b * len(document) / mean))

    expected = [[sum(term(word, document) for word in ("b", "c")) for document in documents]]
    assert Bm25(documents).scores(["C b unheard"]) == pytest.approx(np.array(expected), rel=1e-5)
    assert Bm25(documents).scores(["unheard"]).tolist() == [[0.0, 0.0, 0.0]]


def test_ties_count_as_the_chance_to_guess():
    index = Bm25([["a"], ["a"], ["b"], ["c"]])
    phrases = [Phrase(0, "a"), Phrase(2, "a"), Phrase(3, "z")]
    draws = {"ten": lambda right, seed: np.array([[0, 1, 2], [2, 3, 0], [1, 2, 3]])}
    measured = measure_bm25(index, phrases, draws)
    assert measured["top-1"].tolist() == [0.5, 0.0, 0.25]
    assert measured["top-5"].tolist() == [1.0, 1.0, 1.0]
    assert measured["ten"].tolist() == [0.5, 0.0, pytest.approx(1 / 3)]


@pytest.fixture
def split():
    skills = tuple(
        Skill(skill_id=f"s{n}", domain=f"d{n % 2}", name=f"word{n}", reviews=n * n, description="x " * n)
        for n in range(30)
    )
    return AlexaSplit(skills, (), (), tuple(Phrase(n, "two words") for n in range(30)), 30)


def test_draws_hold_the_right_skill_once_and_favour_the_reviewed(split):
    right = right_skills(split.test).tolist() * 20
    lists = by_reviews(split.skills, right, seed=0)
    assert lists.shape == (600, 10)
    assert all(
        len(set(row)) == 10 and number in row for row, number in zip(lists.tolist(), right, strict=True)
    )
    assert np.mean(lists == 29) > 3 * np.mean(lists == 3)
    near = by_neighbourhood(
        lambda number, count: [(number + n) % 30 for n in range(1, count + 1)], right, seed=0
    )
    assert set(near[0]) == set(range(10))
    alone = list_alone(
        split, split.test, [], {"reviews": lambda right, seed: by_reviews(split.skills, right, seed=seed)}
    )
    assert alone["fewest reviews of the ten"]["reviews"].mean() > 0.15


def test_a_neighbourhood_of_another_skill_has_the_right_one_anywhere(split):
    right = list(range(30)) * 20
    circle = lambda number, count: [(number + n) % 30 for n in range(1, count + 1)]  # noqa: E731
    lists = around_another(circle, 30, right, seed=0)
    first = [min(row, key=lambda n: (n - number + 10) % 30) for row, number in zip(lists, right, strict=True)]
    assert all(set(row) == set(circle(start - 1, 10)) for row, start in zip(lists, first, strict=True))
    places = np.bincount([(number - start) % 30 for number, start in zip(right, first, strict=True)])
    assert len(places) == 10
    assert places.min() > 0.6 * places.mean()


def test_the_nearest_to_the_other_nine_is_what_they_have_in_common(split):
    texts = ("red pear", "red green blue", "green plum")
    skills = tuple(Skill(skill_id=text, domain="d", name=text) for text in texts)
    few = AlexaSplit(skills, (), (), (Phrase(1, "x"),), 1)
    draws = {"all": lambda right, seed: np.array([[0, 1, 2]])}
    assert list_alone(few, few.test, [], draws)["nearest to the other nine"]["all"] == [1.0]


def test_training_lists_tell_nothing_of_reviews(split):
    phrases = split.test * 40
    lists = training_lists(split, phrases, {}, seed=0)
    empty = np.mean([not row for row in lists])
    assert 0.15 < empty < 0.25
    rows = [(phrase.skill, row) for phrase, row in zip(phrases, lists, strict=True) if row]
    assert all(skill + 1 in row and len(set(row)) == len(row) for skill, row in rows)
    assert np.mean([min(row) == skill + 1 for skill, row in rows]) < 0.15
