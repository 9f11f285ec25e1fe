"""Independent mode: each domain learns from requests that it has chosen itself.

In shared-set mode every domain learns from the same requests. In independent mode a domain takes its own
requests and as many foreign ones as it likes, so that it waits for nobody; the declared prior then sets the
level of its scores right (see `prior`).
"""

import numpy as np

from components.reranker.lists import Lists


def own_choice(lists: Lists, *, foreign: float, rng: np.random.Generator) -> Lists:
    """All lists of own requests, and foreign ones drawn at random, `foreign` for each own one.

    Fewer where there are not as many; at least one where there is any. The lists keep their order.

    Args:
        foreign: Positive.
    """
    if foreign <= 0.0:
        raise ValueError(f"`foreign` must be positive. Received: foreign={foreign}")
    own, others = np.flatnonzero(lists.own), np.flatnonzero(~lists.own)
    wanted = min(max(round(foreign * len(own)), 1), len(others))
    return lists.take(np.sort(np.concatenate([own, rng.permutation(others)[:wanted]])))
