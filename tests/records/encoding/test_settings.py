"""Sizes that no encoder can have are refused."""

import pytest

from components.records.encoding.settings import EncoderSettings


@pytest.mark.parametrize(
    "setting", [{"max_words": 0}, {"max_chars": -1}, {"word_buckets": 2}, {"gram_buckets": 2}]
)
def test_rejects_bad_sizes(setting):
    ((name, value),) = setting.items()
    with pytest.raises(ValueError, match=f"`{name}` must be .* Received: {name}={value}"):
        EncoderSettings(**{"word_buckets": 10, "gram_buckets": 10, **setting})


def test_a_table_may_have_one_bucket_for_hashes():
    assert EncoderSettings(word_buckets=3, gram_buckets=3).max_words == 32
