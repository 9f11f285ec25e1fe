from hypothesis import given
from hypothesis import strategies as st

from components.evaluate.popularity import PopularSkill, popularity_bands

counts = st.dictionaries(st.text(max_size=3), st.integers(0, 50), max_size=13)


@given(counts)
def test_bands_follow_the_rule(train):
    total = sum(train.values())
    bands = popularity_bands(train)
    for skill_id, count in train.items():
        above = sum(other for other in train.values() if other > count)
        expected = "head" if above < 0.5 * total else "torso" if above < 0.9 * total else "tail"
        assert bands[skill_id] == (expected if count else "unseen")


def test_equally_popular_skills_share_a_band():
    assert set(popularity_bands(dict.fromkeys("abcdefg", 3)).values()) == {"head"}


def test_the_popular_skill_is_the_most_popular_enabled_one():
    answer = PopularSkill({"a": 5, "b": 9, "c": 9})
    assert answer(("a", "c")) == "c"
    assert answer(("b", "c")) == "b"
    assert answer(()) == "b"
    assert answer(("new",)) == "new"


def test_without_train_and_list_there_is_no_answer():
    assert PopularSkill({})(()) is None
