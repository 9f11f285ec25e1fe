"""How much more an enabled list tells about the right skill than "it is the most popular one"."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import BernoulliNB

from components.importers.rights import customer_of
from components.records.catalogue import Catalogue
from components.records.request import Request


def leak(
    requests: Iterable[Request], catalogue: Catalogue, lists: Callable[[Request], Iterable[str]]
) -> tuple[float, float]:
    """(top-1 of the best model that sees the lists alone, top-1 of the most popular enabled skill).

    Customers are halved: models and popularity learn from one half and are judged on the other's requests.
    """
    row = {skill_id: i for i, skill_id in enumerate(catalogue.skill_ids)}
    enabled: dict[str, np.ndarray] = {}
    asked: dict[str, Counter[int]] = defaultdict(Counter)
    for request in requests:
        if request.skill_id is None:
            continue
        customer = customer_of(request)
        asked[customer][row[request.skill_id]] += 1
        if customer not in enabled:
            enabled[customer] = np.zeros(len(row), np.float32)
            enabled[customer][[row[skill_id] for skill_id in lists(request)]] = 1.0
    pairs = [(i % 2, enabled[c], skill, n) for i, c in enumerate(asked) for skill, n in asked[c].items()]
    half, x, y, weight = (np.array(column) for column in zip(*pairs, strict=True))  # [N], [N, K], [N], [N]
    learn, judge = half == 0, half == 1

    def top_1(predicted: np.ndarray) -> float:
        return float(np.average(predicted == y[judge], weights=weight[judge]))

    popularity = np.bincount(y[learn], weights=weight[learn], minlength=len(row))  # [K]
    popular = top_1(np.where(x[judge] > 0, popularity + 1e-9, -1.0).argmax(axis=1))
    models = (LogisticRegression(max_iter=100, tol=1e-2), BernoulliNB())
    fitted = (model.fit(x[learn], y[learn], sample_weight=weight[learn]) for model in models)
    return max(top_1(model.predict(x[judge])) for model in fitted), popular
