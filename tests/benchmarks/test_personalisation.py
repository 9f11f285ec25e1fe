import numpy as np

from benchmarks.ablations import personalisation
from benchmarks.ablations.personalisation import FROM_ZERO, MODELS, _start
from components.shortlister.options import ShortlisterOptions


def test_flags_begin_at_0_where_a_row_says_so():
    (label,) = FROM_ZERO
    tiny = ShortlisterOptions(
        **MODELS[label], word_buckets=16, gram_buckets=16, gram_size=4, utterance_size=4, lstm_size=4
    )
    flag = _start(label, tiny, 5).heads.flag
    assert not np.asarray(flag).any()
    assert _start("flag", tiny, 5) is None


def test_every_row_that_is_compared_is_measured():
    for pair in personalisation.COMPARED:
        assert {label.removesuffix(personalisation.TRUSTED) for label in pair} <= set(MODELS)
