"""What the re-rankers of several losses answer to the same requests, to be drawn side by side."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from components.records.hypothesis_list import HypothesisList
from components.records.logistic import sigmoid
from components.records.reranker import Reranker
from components.reranker.gather import Reading, arrays
from components.reranker.lists import Bools, Floats, Ints
from components.reranker.reliability import Answers


def judgeable(lists: Iterable[HypothesisList]) -> Iterator[HypothesisList]:
    """The lists of which it is known whether any hypothesis is right: the request is labelled, or no skill
    can serve it. Of a skill that failed, and of an unlabelled request, that is not known."""
    for listed in lists:
        request = listed.request
        labelled = request.skill_id is not None and request.outcome != "rejected"
        if labelled or request.outcome == "out_of_scope":
            yield listed


class _Best(NamedTuple):
    """The best hypothesis that one domain has for each of L requests; `request` holds their numbers."""

    request: Ints
    domain: Ints
    score: Floats
    right: Bools


def answers(
    readings: Mapping[str, Sequence[Reading]], rerankers: Mapping[str, Mapping[str, Reranker]]
) -> dict[str, Answers]:
    """By loss, the best hypothesis of each request over all domains; domains are numbered as in `rerankers`.

    Right is a hypothesis whose skill, intent and slots are those of the label, as the re-rankers have learnt
    it. A reading for another right skill, whose frame nobody wrote down, is not.

    Args:
        readings: By domain, of requests that nothing was fitted to.
        rerankers: By domain and loss; those of one domain have the same features.
    """
    found: defaultdict[str, list[_Best]] = defaultdict(list)
    number_of: dict[str, int] = {}
    for number, (domain, by_loss) in enumerate(rerankers.items()):
        mine = readings.get(domain, ())
        request = np.array([number_of.setdefault(r.request.request_id, len(number_of)) for r in mine], int)
        lists = arrays(mine, next(iter(by_loss.values())).features)
        for loss, reranker in by_loss.items():
            score = lists.features @ np.array(reranker.weights)
            best = lists.best(score)
            found[loss].append(_Best(request, np.full(len(best), number), score[best], lists.right[best]))
    return {loss: _over_domains(parts) for loss, parts in found.items()}


def _over_domains(parts: Sequence[_Best]) -> Answers:
    """The best of each request; of equals, the last domain's."""
    request, domain, score, right = (np.concatenate(column) for column in zip(*parts, strict=True))
    order = np.lexsort((score, request))
    last = order[np.append(np.diff(request[order]) > 0, True)[: len(order)]]
    return Answers(domain[last], sigmoid(score[last]), right[last])
