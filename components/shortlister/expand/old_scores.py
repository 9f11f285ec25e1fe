"""What a network makes of requests whose lists have new skills, as far as no new head is concerned."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.shortlister.expand.heads_loss import Heads
from components.shortlister.expand.rows import SkillRows, skill_rows
from components.shortlister.network import Network
from components.shortlister.ragged import Ints

Floats = npt.NDArray[np.float32]

_SCORES = 1 << 18  # scores that are held at a time: few enough for the cache
_ROWS = 256  # requests at least


class Seen(NamedTuple):
    """N requests as the new heads see them.

    Attributes:
        request: float [N, R], the request vector.
        places: int [N, E], new skills of the list by their number among the new ones + 1; 0 elsewhere.
        attention: float [N, E], the attention's scores of the list; 0 without attention.
        rest: float [N], log Σ exp of the old skills' scores.
        claim: float [N], the same of the new skills' scores where they start.
    """

    request: Floats
    places: Ints
    attention: Floats
    rest: Floats
    claim: Floats

    def take(self, rows: npt.NDArray[np.int64]) -> "Seen":
        """These rows alone."""
        return Seen(
            self.request[rows], self.places[rows], self.attention[rows], self.rest[rows], self.claim[rows]
        )


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
    old, new = (Heads(network, rows, trust=trust) for rows in (skill_rows(network), start))
    old_heads, new_heads = (heads.packed().astype(np.float32) for heads in (old, new))
    table, form = None, "none"
    if network.attention is not None and start.embedding is not None:
        form = network.attention.form
        table = np.concatenate([network.attention.table.numpy(), start.embedding])
    found = []
    width = lists.shape[1]
    reach = ((lists > 0) * np.arange(1, width + 1)).max(axis=1)  # [N]
    order = np.argsort(reach, kind="stable")  # so that few lists are padded to the longest of all
    size = max(_SCORES // (skills + len(start)), _ROWS)
    for at in range(0, len(order), size):
        part = order[at : at + size]
        longest = max(int(reach[part[-1]]), 1)
        request, enabled = utterance[part], lists[part, :longest]
        attention = np.zeros(enabled.shape, np.float32)
        if table is not None:
            summary, attention = _attend(request, table[enabled], enabled > 0, form=form)
            request = np.concatenate([request, summary], axis=1)  # [B, 2H]
        if network.hidden is not None:
            request = network.hidden(request).numpy()
        inputs = old.inputs(request)
        old_places, new_places = np.where(enabled <= skills, enabled, 0), np.maximum(enabled - skills, 0)
        rest = _log_sum(old.scores(old_heads, inputs, old_places, attention)[0])
        claim = _log_sum(new.scores(new_heads, inputs, new_places, attention)[0])
        beyond = [(0, 0), (0, width - longest)]
        found.append((request, np.pad(new_places, beyond), np.pad(attention, beyond), rest, claim))
    back = np.argsort(order)
    return Seen(*(np.concatenate(parts)[back] for parts in zip(*found, strict=True)))


def _attend(text: Floats, keys: Floats, real: npt.NDArray[np.bool_], *, form: str) -> tuple[Floats, Floats]:
    """What `EnabledAttention` makes of text [B, H] and keys [B, E, H]: the summary [B, H], scores [B, E]."""
    scores: Floats = np.where(real, np.matmul(keys, text[:, :, None])[:, :, 0], np.float32(-3e38))  # [B, E]
    if form == "softmax":
        weights = np.exp(scores - scores.max(axis=1, keepdims=True)) * real
        weights /= np.maximum(weights.sum(axis=1, keepdims=True), np.float32(1.0))  # the best one alone is 1
    else:
        weights = (0.5 + 0.5 * np.tanh(0.5 * scores)) * real
    return np.matmul(weights[:, None], keys)[:, 0], scores


def _log_sum(scores: Floats) -> Floats:
    """log Σ exp of each row."""
    top = scores.max(axis=1)
    total: Floats = top + np.log(np.exp(scores - top[:, None]).sum(axis=1))
    return total
