"""What a network makes of requests whose lists have new skills, as far as no new head is concerned."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from components.shortlister.expand.frozen import FrozenRequests
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
        row: int [N], which of the requests each is.
        inputs: float [N, D], what the heads are multiplied with.
        places: int [N, E], new skills of the list by their number among the new ones + 1; 0 elsewhere.
        attention: float [N, E], the attention's scores of the list; 0 without attention.
        rest: float [N], log Σ exp of the old skills' scores.
    """

    row: npt.NDArray[np.int64]
    inputs: Floats
    places: Ints
    attention: Floats
    rest: Floats


def see(
    network: Network, start: SkillRows, requests: FrozenRequests, *, trust: float, claimed: float = -np.inf
) -> Seen:
    """Reads requests with old and new embeddings and scores them with the old heads.

    Args:
        network: Of the old skills.
        start: Of the new ones.
        requests: Of both; in their lists new skills come after the old ones.
        trust: Taken off the scores of enabled skills.
        claimed: A request of an old skill is left out where log Σ exp of the new skills' scores, where they
            start, is no more than this above the score of its own skill.

    Returns: The requests that are not left out, by the length of their lists.
    """
    skills = network.skills
    old, new = (Heads(network, rows, trust=trust) for rows in (skill_rows(network), start))
    old_heads, new_heads = (heads.packed().astype(np.float32) for heads in (old, new))
    table, form = None, "none"
    if network.attention is not None and start.embedding is not None:
        form = network.attention.form
        table = np.concatenate([network.attention.table.numpy(), start.embedding])
    found = []
    lengths = requests.lists.lengths
    width = max(int(lengths.max()), 1)
    order = np.argsort(lengths, kind="stable")  # so that few lists are padded to the longest of all
    size = max(_SCORES // (skills + len(start)), _ROWS)
    for at in range(0, len(order), size):
        part = order[at : at + size]
        request, enabled = requests.utterance[part], requests.lists.pad(part)
        attention = np.zeros(enabled.shape, np.float32)
        if table is not None:
            summary, attention = _attend(request, table[enabled], enabled > 0, form=form)
            request = np.concatenate([request, summary], axis=1)  # [B, 2H]
        if network.hidden is not None:
            request = network.hidden(request).numpy()
        inputs = old.inputs(request)
        old_places, new_places = np.where(enabled <= skills, enabled, 0), np.maximum(enabled - skills, 0)
        kept = requests.skill[part] >= skills
        own = np.flatnonzero(~kept)
        mine = old.own_scores(
            old_heads, inputs[own], requests.skill[part[own]], old_places[own], attention[own]
        )
        claim = _log_sum(new.scores(new_heads, inputs[own], new_places[own], attention[own])[0])
        kept[own] = claim - mine > claimed
        inputs, attention = inputs[kept], attention[kept]
        rest = _log_sum(old.scores(old_heads, inputs, old_places[kept], attention)[0])
        beyond = [(0, 0), (0, width - enabled.shape[1])]
        found.append((part[kept], inputs, np.pad(new_places[kept], beyond), np.pad(attention, beyond), rest))
    return Seen(*(np.concatenate(parts) for parts in zip(*found, strict=True)))


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
