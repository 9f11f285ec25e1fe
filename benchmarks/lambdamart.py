"""LambdaMART on the features that HypRank reads: the peer (Burges, 2010, MSR-TR-2010-82)."""

import numpy as np
import numpy.typing as npt

from components.hyprank.lists import RankLists

Floats = npt.NDArray[np.float32]

_TREES, _RATE, _PATIENCE = 1000, 0.05, 40
_LEAVES = (7, 15, 31)
_DRAWN = 0.8  # share of rows and columns that a tree sees


def lambdamart(
    lists: RankLists, dev: RankLists, test: RankLists, table: Floats, *, seed: int
) -> npt.NDArray[np.float64]:
    """Scores of the test lists' hypotheses, [N, k]; of padding, -inf.

    Lists without a right answer are left out of learning, as HypRank's order leaves them out. The number of
    trees and of leaves is chosen by NDCG@1 on dev.

    Args:
        table: The skill table, [K + 1, T]; its rows are features too.
    """
    from lightgbm import LGBMRanker, early_stopping

    x, y, sizes = _rows(_with_answer(lists), table)
    dev_x, dev_y, dev_sizes = _rows(_with_answer(dev), table)
    made = []
    for leaves in _LEAVES:
        ranker = LGBMRanker(
            n_estimators=_TREES,
            learning_rate=_RATE,
            num_leaves=leaves,
            subsample=_DRAWN,
            subsample_freq=1,
            colsample_bytree=_DRAWN,
            random_state=seed,
            n_jobs=1,
            deterministic=True,
            verbosity=-1,
        )
        ranker.fit(
            x,
            y,
            group=sizes,
            eval_X=dev_x,
            eval_y=dev_y,
            eval_group=[dev_sizes],
            eval_at=[1],
            callbacks=[early_stopping(_PATIENCE, verbose=False)],
        )
        made.append((ranker.best_score_["valid_0"]["ndcg@1"], ranker))
    best = max(made, key=lambda pair: pair[0])[1]
    scores = np.full(test.mask.shape, -np.inf)
    scores[test.mask] = best.predict(_rows(test, table)[0])
    return scores


def _with_answer(lists: RankLists) -> RankLists:
    return lists.take(np.flatnonzero((lists.right & lists.mask).any(axis=1)))


def _rows(lists: RankLists, table: Floats) -> tuple[Floats, npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Features [M, F + T] and labels [M] of all hypotheses, list by list, and the lists' sizes."""
    features = np.concatenate([lists.features, table[lists.skills]], axis=-1)
    return features[lists.mask], lists.right[lists.mask].astype(np.int64), lists.mask.sum(axis=1)
