import numpy as np
import pytest
import tensorflow as tf

from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ragged
from components.shortlister.read_corpus import example_files, read_corpus
from components.shortlister.text_encoder import TextEncoder
from tests.shortlister.world import CATALOGUE, labelled, write_split

ENCODE = tf.function(
    TextEncoder(word_buckets=101, gram_buckets=211), input_signature=[tf.TensorSpec([None], tf.string)]
)


def chars(encoded):
    return encoded["chars"].numpy()[encoded["spelling"].numpy()]


def grams(inputs):
    """The n-grams of each word of each request."""
    return [
        [inputs["grams"][inputs["gram_rows"] == row].tolist() for row in rows if row]
        for rows in inputs["spelling"]
    ]


def test_reads_labels_lists_and_text(tmp_path):
    requests = [
        labelled("a", "play music", skill_id="music-one", enabled=["news-two", "gone", "music-one"]),
        labelled("b", "taxi", negative="taxi-two"),
        labelled("c", "what is love", outcome="out_of_scope"),
        labelled("d", "hm", enabled=["gone"]),
        labelled("e", "music", skill_id="music-one", also_correct=["music-two"]),
    ]
    write_split(tmp_path, "train", requests)
    corpus = read_corpus(example_files(tmp_path / "Split-train"), CATALOGUE.skill_ids, ENCODE)
    number = {skill_id: n for n, skill_id in enumerate(CATALOGUE.skill_ids)}
    assert corpus.skill.tolist() == [number["music-one"], NO_SKILL, NO_SKILL, NO_SKILL, number["music-one"]]
    assert corpus.negative.tolist() == [NO_SKILL, number["taxi-two"], *[NO_SKILL] * 3]
    assert corpus.out_of_scope.tolist() == [False, False, True, False, False]
    assert corpus.teaching.tolist() == [0, 1, 2, 4]
    assert corpus.scored.tolist() == [0, 4]
    inputs = corpus.inputs(np.arange(5))
    assert inputs["enabled"].tolist() == [[number["news-two"] + 1, number["music-one"] + 1], *[[0, 0]] * 4]
    assert corpus.also_correct.pad(np.array([4])).tolist() == [[number["music-two"] + 1]]
    expected = ENCODE(tf.constant([r.label.text for r in requests]))
    np.testing.assert_array_equal(inputs["words"], expected["words"])
    np.testing.assert_array_equal(inputs["pairs"], expected["pairs"][:, :-1])
    np.testing.assert_array_equal(inputs["chars"][inputs["spelling"]], chars(expected))
    assert grams(inputs) == grams({name: value.numpy() for name, value in expected.items()})
    assert len(inputs["chars"]) == 1 + len({"play", "music", "taxi", "what", "is", "love", "hm"})


def test_requests_of_skills_that_train_lacks_are_left_out(tmp_path):
    write_split(tmp_path, "train", [labelled("a", "play music", skill_id="music-one")])
    requests = [
        labelled("b", "more news", skill_id="news-two", enabled=["news-two"]),
        labelled("c", "some music please", skill_id="music-one", enabled=["music-one", "news-two"]),
        labelled("d", "what is love", outcome="out_of_scope"),
    ]
    write_split(tmp_path, "dev", requests)
    train, dev = (
        read_corpus(example_files(tmp_path / f"Split-{split}"), CATALOGUE.skill_ids, ENCODE)
        for split in ("train", "dev")
    )
    kept = dev.learnable_from(train)
    assert kept.out_of_scope.tolist() == [False, True]
    for name, values in kept.inputs(np.arange(2)).items():
        np.testing.assert_array_equal(values, dev.inputs(np.array([1, 2]))[name])


def test_lists_of_other_rows():
    lists = Ragged(np.array([5, 6, 7], np.int32), np.array([0, 1, 1, 3]))
    assert lists.pad(np.array([2, 0, 1])).tolist() == [[6, 7], [5, 0], [0, 0]]
    assert lists.pad(np.array([1])).tolist() == [[0]]
    assert lists.lengths.tolist() == [1, 0, 2]


def test_empty_split(tmp_path):
    write_split(tmp_path, "dev", [])
    assert len(read_corpus(example_files(tmp_path / "Split-dev"), CATALOGUE.skill_ids, ENCODE)) == 0


def test_missing_split_says_so(tmp_path):
    with pytest.raises(FileNotFoundError, match="the split was not written"):
        example_files(tmp_path / "Split-dev")
