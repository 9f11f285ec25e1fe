import itertools

import numpy as np

from components.shortlister.distil.neighbours import Neighbours
from components.shortlister.distil.variations import MAX_WORDS, variations

TEXTS = [
    "play some jazz now",
    "play a record on the radio please",
    "call me a cab now please",
    "get a taxi to the station",
]
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
    assert dances > 0 < jazz


def test_equal_seeds_give_equal_texts():
    assert vary(50) == vary(50) != vary(50, seed=4)


def test_texts_are_joined_at_words_they_share():
    pairs = {pair for text in TEXTS for pair in itertools.pairwise(text.split())}
    ends = {text.split()[-1] for text in TEXTS}
    joined = [text for text in vary(400) if set(itertools.pairwise(text.split())) <= pairs]
    assert "get a cab now please" in joined
    assert sum(text.split()[-1] in ends for text in joined) > len(joined) / 2


def test_few_texts_give_few_and_none_give_none():
    assert vary(100, texts=["a b a"], groups=np.int32([0]))[0] in (
        "a b a b a",
        "a",
        "a b",
        "b a",
        "b a a",
        "a a b",
    )
    assert vary(20, texts=["stop"], groups=np.int32([0])) == []
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
