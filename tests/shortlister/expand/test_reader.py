import numpy as np
import pytest

from components.records.encoding.limits import CHAR_IDS
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.text_encoder import TextEncoder
from components.shortlister.corpus import Corpus
from components.shortlister.expand.reader import Reader
from components.shortlister.read_corpus import corpus_of_texts
from tests.shortlister.expand.networks import network

TEXTS = (
    "play some jazz",
    "",
    "jazz",
    "call me a cab and play jazz, jazz, jazz",
    "ünïcode 東京",
    "a cab",
)


@pytest.fixture(scope="module")
def corpus() -> Corpus:
    return corpus_of_texts(TEXTS, TextEncoder(EncoderSettings(word_buckets=31, gram_buckets=37)))


@pytest.fixture(scope="module")
def made():
    found = network(char_ids=CHAR_IDS)
    rng = np.random.default_rng(0)
    for weight in found.weights:  # biases start at zero, where a mistake would not show
        if weight.dtype == "float32":
            weight.assign(rng.normal(size=weight.shape))
    return found


def test_reads_as_the_network_does(made, corpus):
    rows = np.array([3, 0, 1, 5, 3, 2, 4])
    expected = made.utterance(corpus.inputs(rows))
    np.testing.assert_allclose(Reader(made)(corpus, rows), expected, rtol=1e-4, atol=1e-4)


def test_a_request_is_read_alike_in_any_company(made, corpus):
    read = Reader(made)
    alone = np.concatenate([read(corpus, np.array([row])) for row in range(len(TEXTS))])
    np.testing.assert_allclose(read(corpus, np.arange(len(TEXTS))), alone, rtol=1e-5, atol=1e-5)


def test_no_request_is_no_vector(made, corpus):
    assert Reader(made)(corpus, np.zeros(0, np.int64)).shape == (0, 4)
