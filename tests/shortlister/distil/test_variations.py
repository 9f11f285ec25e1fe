import numpy as np

from components.shortlister.distil.neighbours import Neighbours
from components.shortlister.distil.variations import MAX_WORDS, variations

TEXTS = ["play some jazz now", "put on a record please", "call me a cab", "get a taxi to the station"]
GROUPS = np.int32([0, 0, 1, 1])
KNOWN = {word for text in TEXTS for word in text.split()}


def vary(count, *, texts=TEXTS, groups=GROUPS, seed=3, neighbours=lambda word: ()):
    return variations(texts, groups, count=count, neighbours=neighbours, rng=np.random.default_rng(seed))


def test_new_texts_of_known_words():
    made = vary(200)
    assert len(made) == len(set(made)) == 200
    assert not set(made) & set(TEXTS)
    assert {word for text in made for word in text.split()} <= KNOWN


def test_neighbours_take_the_place_of_words():
    made = vary(200, neighbours=lambda word: ("tango", "waltz") if word == "jazz" else ())
    jazz, dances = (sum(any(word in text.split() for word in words) for text in made)
                    for words in (["jazz"], ["tango", "waltz"]))  # fmt: skip
    assert 0 < dances < jazz


def test_equal_seeds_give_equal_texts():
    assert vary(50) == vary(50) != vary(50, seed=4)


def test_few_texts_give_few_and_none_give_none():
    assert vary(100, texts=["stop"], groups=np.int32([0])) == ["stop stop"]
    assert vary(5, texts=[], groups=np.zeros(0, np.int32)) == []
    assert vary(0) == []


def test_long_texts_are_cut():
    made = vary(30, texts=["a b c " * 1000], groups=np.int32([0]))
    assert max(len(text.split()) for text in made) <= MAX_WORDS


def test_neighbours_are_the_nearest_others():
    vectors = np.float32([[1, 0], [0.8, 0.6], [0.6, 0.8], [-1, 0]])
    nearest = Neighbours(["a", "b", "c", "d"], vectors, count=2)
    assert nearest("a") == ("b", "c")
    assert nearest("c") == nearest("c") == ("b", "a")
    assert nearest("unheard") == ()
    assert Neighbours(["alone"], vectors[:1])("alone") == ()
