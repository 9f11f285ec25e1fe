"""One prior for all domains.

A domain that gathers its own examples has no hold on what others gather: the share of its own requests among
them is its own choice, and it is what sets the level of σ(S). Two domains with different shares then disagree
about the same evidence. So the share is declared, once for all domains, as the traffic has it: among the
requests for which a domain has a hypothesis, the share that belongs to it. Each domain's lists are weighted
to its declared share before it learns anything.
"""

import numpy as np

from components.reranker.lists import Bools, Floats


def weights_to(own: Bools, share: float) -> Floats:
    """A weight for each list, [L], 1 on average, by which the own ones make up `share`.

    Lists that are all of one kind cannot be weighted to anything else and keep a weight of 1.

    Args:
        own: Whether each list's request belongs to the domain, [L].
        share: In (0, 1); 1 and 0 only where the lists are all of one kind.

    >>> weights_to(np.array([True, False, False, False]), 0.5).tolist()
    [2.0, 0.6666666666666666, 0.6666666666666666, 0.6666666666666666]
    """
    mine = int(own.sum())
    if mine in (0, len(own)):
        return np.ones(len(own))
    if not 0.0 < share < 1.0:
        raise ValueError(f"`share` must lie between 0 and 1. Received: share={share}")
    return np.where(own, share * len(own) / mine, (1.0 - share) * len(own) / (len(own) - mine))
