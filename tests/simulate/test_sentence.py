from hypothesis import given
from hypothesis import strategies as st

from components.simulate.sentence import join, misspell

UNIT = st.floats(0, 1, exclude_max=True)
PIECES = st.lists(
    st.tuples(st.text("abcdé ", min_size=1, max_size=12), st.sampled_from(["", "title"])),
    min_size=1,
    max_size=5,
)


@given(PIECES)
def test_spans_point_at_the_values(pieces):
    utterance, slots = join(pieces)
    assert utterance == "".join(words for words, _ in pieces)
    assert [slot.value for slot in slots] == [words for words, name in pieces if name]
    assert all(utterance[slot.start : slot.end] == slot.value for slot in slots)


@given(PIECES, UNIT, UNIT, UNIT)
def test_a_slip_changes_one_word_of_one_piece_at_most(pieces, where, how, letter):
    changed = misspell(pieces, where, how, letter)
    assert [name for _, name in changed] == [name for _, name in pieces]
    different = [(a, b) for (a, _), (b, _) in zip(pieces, changed, strict=True) if a != b]
    assert len(different) <= 1
    for before, after in different:
        words = list(zip(before.split(" "), after.split(" "), strict=True))
        assert sum(a != b for a, b in words) == 1
        assert all(a == b or a[0] == b[0] for a, b in words)


def test_the_four_slips():
    slips = [misspell([("weather", "")], 0.0, how, 0.0)[0][0] for how in (0.0, 0.25, 0.5, 0.75)]
    assert slips == ["waether", "wather", "weeather", "waather"]


def test_short_words_stay_right():
    assert misspell([("go to it", "")], 0.5, 0.5, 0.5) == [("go to it", "")]
