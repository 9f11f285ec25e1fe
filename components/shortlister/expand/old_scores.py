"""What a network makes of requests whose lists have new skills, as far as no new head is concerned."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
import tensorflow as tf

from components.shortlister.expand.heads_loss import Heads
from components.shortlister.expand.rows import SkillRows, skill_rows
from components.shortlister.layers.enabled_attention import EnabledAttention
from components.shortlister.network import Network
from components.shortlister.ragged import Ints

Floats = npt.NDArray[np.float32]

_SCORES = 1 << 22  # scores of old skills that are held at a time


class Seen(NamedTuple):
    """N requests as the new heads see them.

    Attributes:
        request: float [N, R], the request vector.
        places: int [N, E], new skills of the list by their number among the new ones + 1; 0 elsewhere.
        attention: float [N, E], the attention's scores of the list; 0 without attention.
        rest: float [N], log Σ exp of the old skills' scores.
    """

    request: Floats
    places: Ints
    attention: Floats
    rest: Floats


def see(network: Network, start: SkillRows, utterance: Floats, lists: Ints, *, trust: float) -> Seen:
    """Reads requests with old and new embeddings and scores them with the old heads.

    Args:
        network: Of the old skills.
        start: Of the new ones.
        utterance: [N, H].
        lists: [N, E], number + 1; new skills come after the old ones.
        trust: Taken off the scores of enabled old skills.
    """
    skills = network.skills
    heads = Heads(network, skill_rows(network), trust=trust)
    old = heads.packed()
    table, attend = None, None
    if network.attention is not None and start.embedding is not None:
        table = tf.concat([network.attention.table.value, start.embedding], axis=0)
        attend = EnabledAttention(skills=skills + len(start), form=network.attention.form)
        attend.build((1, start.embedding.shape[1]), (None, None))
    found = []
    width = lists.shape[1]
    reach = ((lists > 0) * np.arange(1, width + 1)).max(axis=1)  # [N]
    order = np.argsort(reach, kind="stable")  # so that few lists are padded to the longest of all
    size = max(_SCORES // skills, 1)
    for at in range(0, len(order), size):
        part = order[at : at + size]
        longest = max(int(reach[part[-1]]), 1)
        text, enabled = tf.constant(utterance[part]), lists[part, :longest]
        request, attention = text, tf.zeros(enabled.shape)
        if attend is not None:
            (summary, attention), _ = attend.stateless_call([table], [], text, tf.constant(enabled))
            request = tf.concat([text, summary], axis=-1)  # [B, 2H]
        if network.hidden is not None:
            request = network.hidden(request)
        vectors, weights = request.numpy(), attention.numpy()
        places = np.where(enabled <= skills, enabled, 0)
        scores, _ = heads.scores(old, heads.inputs(vectors), places, weights)  # [B, K]
        beyond = [(0, 0), (0, width - longest)]
        new = np.pad(np.maximum(enabled - skills, 0), beyond)
        found.append((vectors, new, np.pad(weights, beyond), _log_sum(scores)))
    back = np.argsort(order)
    return Seen(*(np.concatenate(parts)[back] for parts in zip(*found, strict=True)))


def _log_sum(scores: Floats) -> Floats:
    """log Σ exp of each row."""
    top = scores.max(axis=1)
    total: Floats = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    return total
