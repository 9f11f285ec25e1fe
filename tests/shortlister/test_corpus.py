import msgspec
import numpy as np
import pytest
import tensorflow as tf

from components.records.artifact_files import split_files
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder
from components.records.request import Routing
from components.shortlister.loss import NO_SKILL
from components.shortlister.ragged import Ragged
from components.shortlister.read_corpus import corpus_of_texts, read_corpus
from tests.shortlister.world import CATALOGUE, bare_corpus, labelled, write_split

ENCODE = tf.function(
    TextEncoder(EncoderSettings(word_buckets=101, gram_buckets=211)),
    input_signature=[tf.TensorSpec([None], tf.string)],
)


def number_of(skill_id):
    return CATALOGUE.skill_ids.index(skill_id)


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
    corpus = read_corpus(split_files(tmp_path, "train"), CATALOGUE.skill_ids, ENCODE)
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
    found, wide = inputs["chars"][inputs["spelling"]], chars(expected)
    np.testing.assert_array_equal(found, wide[..., : len("music")])  # the longest word
    assert not wide[..., len("music") :].any()
    assert grams(inputs) == grams({name: value.numpy() for name, value in expected.items()})
    assert len(inputs["chars"]) == 1 + len({"play", "music", "taxi", "what", "is", "love", "hm"})


def test_a_request_weighs_by_the_choice_that_its_label_speaks_of(tmp_path):
    def routed(each, chosen, propensity):
        routing = Routing(chosen=chosen, propensity=propensity)
        return msgspec.structs.replace(each, request=msgspec.structs.replace(each.request, routing=routing))

    right = labelled("a", "play music", skill_id="music-one")
    requests = [
        routed(right, "music-one", 0.5),
        routed(labelled("b", "taxi", negative="taxi-two"), "taxi-two", 1.0),
        routed(right, "music-two", 0.1),
        routed(labelled("c", "hm"), None, 0.1),
        right,
    ]
    write_split(tmp_path, "train", requests)
    corpus = read_corpus(split_files(tmp_path, "train"), CATALOGUE.skill_ids, ENCODE)
    assert corpus.weight.tolist() == pytest.approx([4 / 3, 2 / 3, 1.0, 1.0, 1.0])


def test_requests_of_skills_that_train_lacks_are_left_out(tmp_path):
    write_split(tmp_path, "train", [labelled("a", "play music", skill_id="music-one")])
    requests = [
        labelled("b", "more news", skill_id="news-two", enabled=["news-two"]),
        labelled("c", "some music please", skill_id="music-one", enabled=["music-one", "news-two"]),
        labelled("d", "what is love", outcome="out_of_scope"),
    ]
    write_split(tmp_path, "dev", requests)
    train, dev = (
        read_corpus(split_files(tmp_path, split), CATALOGUE.skill_ids, ENCODE) for split in ("train", "dev")
    )
    kept = dev.learnable_from(train)
    assert kept.out_of_scope.tolist() == [False, True]
    for name, values in kept.inputs(np.arange(2)).items():
        np.testing.assert_array_equal(values, dev.inputs(np.array([1, 2]))[name])


def test_further_right_skills(tmp_path):
    write_split(tmp_path, "train", [labelled(n, "play music", skill_id="music-one") for n in "abc"])
    write_split(tmp_path, "dev", [labelled("d", "any news"), labelled("e", "music", skill_id="music-two")])
    train, dev = (
        read_corpus(split_files(tmp_path, split), CATALOGUE.skill_ids, ENCODE) for split in ("train", "dev")
    )
    assert dev.teaching.tolist() == [1]
    more = dev.with_extra(Ragged.of([[4, 2], []]), 0.5)
    assert more.teaching.tolist() == [0, 1]
    both = train.join(more)
    assert len(both) == 5
    assert both.teaching.tolist() == [0, 1, 2, 3, 4]
    targets = both.targets(np.array([2, 3]))
    assert targets.extra.tolist() == [[0, 0], [4, 2]]
    assert targets.extra_weight.tolist() == [[0.0, 0.0], [0.5, 0.5]]
    assert targets.skill.tolist() == [number_of("music-one"), NO_SKILL]
    assert targets.weight.tolist() == [1.0, 1.0]
    taken = both.take(np.array([4, 3])).with_extra(Ragged.of([[1], [2, 3]]), np.array([0.1, 0.2, 0.3]))
    assert taken.targets(np.array([1])).extra_weight.tolist() == [[np.float32(0.2), np.float32(0.3)]]
    for rows, source in ((np.array([0, 1]), train), (np.array([3, 4]), dev)):
        expected = source.inputs(rows % 3)
        found = both.inputs(rows)
        assert grams(found) == grams(expected)
        for name in ("words", "pairs", "enabled"):
            np.testing.assert_array_equal(found[name], expected[name])
        np.testing.assert_array_equal(
            found["chars"][found["spelling"]], expected["chars"][expected["spelling"]]
        )


def test_further_right_skills_must_fit():
    with pytest.raises(ValueError, match="`extra` must have 3 rows"):
        bare_corpus(3).with_extra(Ragged.of([[1]]))
    with pytest.raises(ValueError, match="`weight` must have one value for each of the 2 ids"):
        bare_corpus(1).with_extra(Ragged.of([[1, 2]]), np.ones(3, np.float32))


def test_bare_texts_are_encoded_as_requests_are(tmp_path):
    texts = ["play music", "hm", "what is love"]
    write_split(tmp_path, "train", [labelled(str(n), text) for n, text in enumerate(texts)])
    read = read_corpus(split_files(tmp_path, "train"), CATALOGUE.skill_ids, ENCODE)
    bare = corpus_of_texts(texts, ENCODE)
    for name, values in read.inputs(np.arange(3)).items():
        np.testing.assert_array_equal(bare.inputs(np.arange(3))[name], values)
    assert len(corpus_of_texts([], ENCODE)) == 0


def test_rows_taken_and_beside():
    lists = Ragged.of([[5], [], [6, 7], [8]])
    taken = lists.take(np.array([2, 1, 2, 0]))
    assert (taken.values.tolist(), taken.starts.tolist()) == ([6, 7, 6, 7, 5], [0, 2, 2, 4, 5])
    assert lists.take_beside(np.arange(4) / 2, np.array([3, 2])).tolist() == [1.5, 0.5, 1.0]
    assert len(lists.take(np.array([], np.int64)).lengths) == 0


def test_lists_of_other_rows():
    lists = Ragged(np.array([5, 6, 7], np.int32), np.array([0, 1, 1, 3]))
    assert lists.pad(np.array([2, 0, 1])).tolist() == [[6, 7], [5, 0], [0, 0]]
    assert lists.pad(np.array([1])).tolist() == [[0]]
    assert lists.lengths.tolist() == [1, 0, 2]


def test_empty_split(tmp_path):
    write_split(tmp_path, "dev", [])
    assert len(read_corpus(split_files(tmp_path, "dev"), CATALOGUE.skill_ids, ENCODE)) == 0
