import pytest

from components.records.encoding.fold import DROPPED, SEPARATOR, fold_code_point, fold_table


@pytest.mark.parametrize(
    ("char", "folded"),
    [
        ("A", "a"),
        ("É", "e"),
        ("ü", "u"),
        ("Ａ", "a"),
        ("ß", "ß"),
        ("ﬁ", "ﬁ"),
        ("७", "७"),
        ("한", "한"),
        ("$", "$"),
    ],
)
def test_letters_are_folded(char, folded):
    assert chr(fold_code_point(ord(char))) == folded


@pytest.mark.parametrize("char", [" ", "\t", "\x00", ",", "?", "　", "-", "。"])
def test_separators(char):
    assert fold_code_point(ord(char)) == SEPARATOR


@pytest.mark.parametrize("char", ["'", "’", "\u0301", "\u200d", "\u00ad"])
def test_dropped(char):
    assert fold_code_point(ord(char)) == DROPPED


def test_no_letter_folds_to_a_mark():
    """Marks of word ends in n-grams are the code points 2 and 3; a folded text must not hold them."""
    assert not ((fold_table() == 2) | (fold_table() == 3)).any()
