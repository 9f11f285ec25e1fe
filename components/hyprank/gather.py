"""From re-ranked hypothesis lists to the arrays that HypRank learns from."""

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from components.hyprank.lists import RankLists
from components.records.catalogue import Catalogue
from components.records.hypothesis_list import HypothesisList
from components.records.hyprank.features import (
    FEATURES,
    SKILL_FEATURES,
    features,
    one_reading_a_skill,
    popularity_of,
    skill_row,
)
from components.records.propensity import choice_propensity, choice_weights

Floats = npt.NDArray[np.float32]


def skill_table(catalogue: Catalogue, counts: Mapping[str, int]) -> Floats:
    """The skill table: float32 [K + 1, T]. Row 0, zeros, stands for any skill that the catalogue lacks.

    Args:
        counts: How often each skill is right in train.
    """
    table = np.zeros((len(catalogue) + 1, len(SKILL_FEATURES)), np.float32)
    popularity = popularity_of(counts, catalogue.skill_ids)
    for row, skill, popular in zip(table[1:], catalogue, popularity, strict=True):
        row[:] = skill_row(skill, popular)
    return table


def rank_lists(lists: Sequence[HypothesisList], catalogue: Catalogue) -> RankLists:
    """The lists as arrays, as wide as the longest.

    A hypothesis may be learnt as right where its skill is the request's own or a pseudo-label; `also_correct`
    is for calibration and measuring.

    Args:
        lists: Re-ranked, so that the first reading of each skill is its best.
    """
    kept = [one_reading_a_skill(listed) for listed in lists]
    width = max(map(len, kept), default=0)
    row_of = {skill_id: row for row, skill_id in enumerate(catalogue.skill_ids, start=1)}
    domain_of = {skill.skill_id: skill.domain for skill in catalogue}
    values = np.zeros((len(lists), width, len(FEATURES)), np.float32)
    mask, right, right_any, known = (np.zeros((len(lists), width), bool) for _ in range(4))
    skills = np.zeros((len(lists), width), np.int64)
    for row, (listed, hypotheses) in enumerate(zip(lists, kept, strict=True)):
        request = listed.request
        learnable = set(listed.pseudo_labels)
        if request.skill_id is not None and request.outcome != "rejected":
            learnable.add(request.skill_id)
        here = slice(0, len(hypotheses))
        values[row, here] = features(request, hypotheses, reject=listed.reject, domain_of=domain_of)
        mask[row, here] = True
        skills[row, here] = [row_of.get(h.skill_id, 0) for h in hypotheses]
        right[row, here] = [h.skill_id in learnable for h in hypotheses]
        right_any[row, here] = [h.judgement is not None and h.judgement.skill_right for h in hypotheses]
        known[row, here] = [h.judgement is not None for h in hypotheses]
    weight = choice_weights(choice_propensity(each.request, each.request.skill_id) for each in lists)
    return RankLists(values, mask, skills, right, right_any, known, weight)
