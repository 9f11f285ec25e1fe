from hypothesis import given
from hypothesis import strategies as st

from components.domain.tags import UNKNOWN, tags_of
from components.records.request import Slot

NAMES = ("city", "date")


def slot(name: str, start: int, end: int) -> Slot:
    return Slot(name=name, value="x", start=start, end=end)


def test_first_and_following_words():
    spans = [(0, 2), (3, 6), (7, 11), (12, 14), (15, 20)]
    slots = [slot("date", 15, 20), slot("city", 3, 11)]
    assert tags_of(spans, slots, NAMES) == [0, 1, 3, 0, 2]


def test_two_slots_of_one_name_side_by_side_begin_twice():
    assert tags_of([(0, 4), (5, 9)], [slot("city", 0, 4), slot("city", 5, 9)], NAMES) == [1, 1]


def test_a_part_of_a_word_makes_it_the_slots():
    assert tags_of([(0, 6)], [slot("city", 1, 3)], NAMES) == [1]


def test_a_slot_that_the_schema_lacks_is_unknown():
    assert tags_of([(0, 2), (3, 5)], [slot("price", 3, 5)], NAMES) == [0, UNKNOWN]


def test_of_two_slots_the_earlier_has_the_word():
    assert tags_of([(0, 4), (5, 9)], [slot("date", 3, 9), slot("city", 0, 4)], NAMES) == [1, 2]


def test_the_text_may_begin_later_than_the_utterance():
    assert tags_of([(0, 4)], [slot("city", 10, 14)], NAMES, offset=10) == [1]
    assert tags_of([(0, 4)], [slot("city", 0, 4)], NAMES, offset=10) == [0]


@given(st.lists(st.tuples(st.integers(0, 20), st.integers(1, 8)), max_size=4))
def test_following_words_never_come_without_a_first(places):
    spans = [(3 * n, 3 * n + 2) for n in range(10)]
    found = tags_of(spans, [slot("city", start, start + size) for start, size in places], NAMES)
    for before, tag in zip([0, *found], found, strict=False):
        assert tag in (0, 1, 3)
        assert tag != 3 or before in (1, 3)
