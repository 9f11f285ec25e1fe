"""The requests in two halves, each to be predicted by a model that has not seen it."""

import zlib

import numpy as np
import numpy.typing as npt

from components.shortlister.corpus import Corpus


def second_half(corpus: Corpus) -> npt.NDArray[np.bool_]:
    """Which requests are in the second half: bool [N].

    By a hash of the text: equal words are in one half, or a model would have learnt the labels of the half it
    predicts by heart all the same.
    """
    starts, ids = corpus.words.starts, corpus.words.values
    rows = zip(starts[:-1].tolist(), starts[1:].tolist(), strict=True)
    hashes = np.array([zlib.crc32(ids[start:end].tobytes()) for start, end in rows], np.uint32)
    return (hashes >> 16 & 1).astype(np.bool_)
