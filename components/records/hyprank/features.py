"""What HypRank sees of a hypothesis: names and values, in one place for training, batch and live.

Kim et al. (2018), https://arxiv.org/abs/1804.08064, §3.2: scores of the interpretation, embeddings, what the
customer has enabled and used, signals of the skill. What depends on the skill alone is in the model's skill
table (`skill_row`) and found by the hypothesis' skill id; the rest is `features`.
"""

import math
from collections.abc import Mapping, Sequence
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from components.records.hypothesis_list import HypothesisList, ReadCandidate
from components.records.hyprank.word_vectors import vector_of, vector_of_names
from components.records.request import Request
from components.records.reranker_features import was_read
from components.records.skill import Skill

Floats = npt.NDArray[np.float32]

SHORTLISTER = "shortlister"
SCORES = (SHORTLISTER, "domain", "intent", "slots", "reranker")
"""The stages' scores; 0 for a stage that did not run, -20 where the Shortlister did not propose the skill."""
READ = "read"
"""Whether a domain model has read the request for the skill."""
ENABLED, HAS_LIST = "enabled", "has_list"
"""Whether the customer has enabled the skill, and whether anything at all."""
USED_DAYS = (7, 14, 30)
USED = tuple(f"used_{days}" for days in USED_DAYS)
"""Whether the customer used the skill in the last so many days."""
CONTINUES, SAME_DOMAIN, SAME_INTENT, LATER_TURN = "continues", "same_domain", "same_intent", "later_turn"
"""Whether skill, domain and intent are those of the turn before, and whether there was one."""
REJECT = "reject"
"""The Shortlister's log-odds that no skill can serve the request; the same for the whole list."""

NUMBERS = (*SCORES, READ, ENABLED, HAS_LIST, *USED, CONTINUES, SAME_DOMAIN, SAME_INTENT, LATER_TURN, REJECT)
NAME_SIZE = 16
"""Of the vectors of an intent's name and of its slots' names."""
VECTORS = 2 * NAME_SIZE
"""How many of the features, the last ones, are numbers of those vectors."""
FEATURES = (
    *NUMBERS,
    *(f"intent_{i}" for i in range(NAME_SIZE)),
    *(f"slots_{i}" for i in range(NAME_SIZE)),
)

TEXT_SIZE = 48
SKILL_FEATURES = (*(f"text_{i}" for i in range(TEXT_SIZE)), "popularity", "rating", "rated", "known")
"""Of a row of the skill table: what the skill is by its own words, how often it is right in train, how people
rate it, whether anybody does, and 1 for any skill of the catalogue."""

MOST = 20.0
_MIDDLE_RATING = 2.5


def one_reading_a_skill(listed: HypothesisList) -> tuple[ReadCandidate, ...]:
    """The first hypothesis of each skill, in order: of a re-ranked list, the best."""
    found: dict[str, ReadCandidate] = {}
    for hypothesis in listed.hypotheses:
        found.setdefault(hypothesis.skill_id, hypothesis)
    return tuple(found.values())


def features(
    request: Request,
    hypotheses: Sequence[ReadCandidate],
    *,
    reject: float | None,
    domain_of: Mapping[str, str],
) -> Floats:
    """The features of a request's hypotheses: float32 [k, len(FEATURES)], all finite.

    Nothing is read that a live request lacks. Without a timestamp every use that a request carries counts as
    lately.

    Args:
        hypotheses: With the scores of every stage that ran.
        reject: As the Shortlister says it; None where it has not learnt to refuse: as sure as can be that
            there is a skill.
        domain_of: Skill id to domain, for the skill of the turn before.
    """
    enabled = frozenset(request.enabled_skills)
    used = _used(request)
    context = request.context
    before = context.previous_skill
    domain_before = domain_of.get(before) if before is not None else None
    later = before is not None or (context.turn or 0) > 1
    rows = np.zeros((len(hypotheses), len(FEATURES)), np.float32)
    start = len(NUMBERS)
    for row, hypothesis in zip(rows, hypotheses, strict=True):
        skill_id = hypothesis.skill_id
        row[:start] = (
            *(
                _bounded(getattr(hypothesis.scores, name), -MOST if name == SHORTLISTER else 0.0)
                for name in SCORES
            ),
            was_read(hypothesis),
            skill_id in enabled,
            bool(enabled),
            *(skill_id in used[days] for days in USED_DAYS),
            skill_id == before,
            domain_before is not None and hypothesis.domain == domain_before,
            hypothesis.intent is not None and hypothesis.intent == context.previous_intent,
            later,
            _bounded(reject, -MOST),
        )
        row[start : start + NAME_SIZE] = vector_of_names((hypothesis.intent or "",), NAME_SIZE)
        row[start + NAME_SIZE :] = vector_of_names(tuple(slot.name for slot in hypothesis.slots), NAME_SIZE)
    return rows


def skill_row(skill: Skill, popularity: float) -> Floats:
    """A skill's row of the skill table: float32 [len(SKILL_FEATURES)].

    From what the catalogue says alone, so that a skill that came after training has one too.

    Args:
        popularity: As `popularity_of` gives it; 0, as of any skill, where training has not seen the skill.
    """
    words = (
        skill.domain,
        skill.name or "",
        *skill.invocations,
        skill.description or "",
        *skill.examples,
        *(name for intent in skill.intents for name in (intent.name, *intent.slots)),
    )
    rating = 0.0 if skill.rating is None else skill.rating - _MIDDLE_RATING
    signals = np.array([popularity, rating, skill.rating is not None, 1.0], np.float32)
    return np.concatenate([vector_of(words, TEXT_SIZE), signals])


def popularity_of(counts: Mapping[str, int], skill_ids: Sequence[str]) -> list[float]:
    """How popular each skill is: log(1 + requests of train), standardised over the skills.

    A skill that is not in `counts` was right for none.
    """
    logs = np.log1p([counts.get(skill_id, 0) for skill_id in skill_ids])
    if not len(logs):
        return []
    found: list[float] = ((logs - logs.mean()) / max(float(logs.std()), 1e-6)).tolist()
    return found


def _used(request: Request) -> dict[int, frozenset[str]]:
    """The skills used in the last so many days before the request."""
    now = request.timestamp
    found = {}
    for days in USED_DAYS:
        since = None if now is None else now - timedelta(days=days)
        found[days] = frozenset(
            use.skill_id
            for use in request.recent
            if now is None or since is None or since <= use.timestamp < now
        )
    return found


def _bounded(score: float | None, absent: float) -> float:
    if score is None:
        return absent
    if math.isnan(score):
        return 0.0
    return min(max(score, -MOST), MOST)
