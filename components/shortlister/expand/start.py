"""Where a new skill starts: what the old skills' weights say of one whose requests lie where its do."""

import numpy as np
import numpy.typing as npt

from components.shortlister.expand.features import Features
from components.shortlister.expand.least_squares import Floats, fit_map
from components.shortlister.expand.rows import SkillRows

SEEN = 5
"""Requests from which on a skill's trained weights are taken for what they are."""

_TEXT_COUNTS = 2.0  # a skill's own text says as much of its requests as two of them
_HEAD_RIDGE = 1e-2


def start_rows(old: SkillRows, features: Features, new: Features) -> SkillRows:
    """The weights that new skills start from, without any training.

    The embedding is that of Kim et al. (2018), §3.5, U* h̄_new, stretched to the length that trained
    embeddings have: least squares shrinks what it cannot tell, and an attention score is as large as its key.
    The head comes from a map of the same kind, fitted around the mean head and not stretched: a timid head
    takes nothing from the old skills. The flag's weight is the old skills' mean.

    Args:
        old: Of the skills of `features`.
        features: Of the old skills.
        new: Of the new skills; a skill without requests lies where its text says.
    """
    learnt = np.flatnonzero(features.requests >= SEEN)
    if len(learnt) == 0:
        learnt = np.arange(len(features))
    where = expected_mean(features, new, learnt)  # [M, H]
    embedding, inputs, targets = None, features.mean[learnt], where
    if old.embedding is not None:
        trained = learnt[features.enabled[learnt] >= SEEN]
        to_embedding = fit_map(features.mean[trained], old.embedding[trained])
        embedding = _stretched(to_embedding(where), old.embedding[trained])
        inputs = np.concatenate([inputs, old.embedding[learnt]], axis=1)  # [J, 2H]
        targets = np.concatenate([where, embedding], axis=1)
    heads = old.kernel if old.bias is None else np.concatenate([old.kernel, old.bias], axis=1)
    to_head = fit_map(inputs, heads[learnt], ridge=_HEAD_RIDGE, centred=True)
    head = to_head(targets)  # [M, O·R + O]
    size = old.kernel.shape[1]
    return SkillRows(
        embedding=None if embedding is None else embedding.astype(np.float32),
        kernel=head[:, :size].astype(np.float32),
        bias=None if old.bias is None else head[:, size:].astype(np.float32),
        flag=None if old.flag is None else np.repeat(old.flag.mean(axis=0)[None], len(new), axis=0),
    )


def expected_mean(features: Features, new: Features, learnt: npt.NDArray[np.int64]) -> Floats:
    """Where the requests of new skills lie on average: their own mean, and what their text says, [M, H].

    A map from an old skill's text to its mean request turns text into requests; the fewer requests a new
    skill has, the more it counts.
    """
    has_text = new.text.any(axis=1)
    with_text = learnt[features.text[learnt].any(axis=1)]
    said = fit_map(features.text[with_text], features.mean[with_text], ridge=_HEAD_RIDGE, centred=True)(
        new.text
    )
    weight = np.where(has_text, _TEXT_COUNTS, 0.0)[:, None]
    count = new.requests[:, None]
    mean: Floats = (count * new.mean + weight * said) / np.maximum(count + weight, 1.0)
    return mean


def _stretched(rows: Floats, like: npt.NDArray[np.floating]) -> Floats:
    """The rows with the mean length of those `like` them; rows of zeros stay."""
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    wanted = np.linalg.norm(like, axis=1).mean() if len(like) else 0.0
    stretched: Floats = np.where(length > 0, rows * wanted / np.maximum(length, 1e-12), rows)
    return stretched
