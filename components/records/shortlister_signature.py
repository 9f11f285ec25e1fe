"""The Shortlister's serving signature, as every caller feeds and reads it.

utterance string [B], enabled string [B, E] padded '', k int32 []  →  skill_ids string [B, k'],
scores float32 [B, k'] (log-odds), best first, k' = min(k, K); reject float32 [B], the log-odds that no skill
can serve the request (see `Refusal`), `NO_REJECT` from a model that has not learnt to refuse
"""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from components.records.array import Array
from components.records.request import Request

SHORTLISTER = "shortlister"
NO_REJECT = -1e9
"""The reject score of a model that refuses nothing."""


def shortlister_inputs(
    requests: Sequence[Request], *, k: int, texts: Sequence[str] | None = None
) -> dict[str, Array]:
    """What the Shortlister reads of `requests`: a text each, and the enabled skills.

    Args:
        texts: One per request, see `NameRule`; None: the utterances as they are.

    Raises:
        ValueError: `k` is not positive, or `texts` are not as many as the requests.
    """
    if k < 1:
        raise ValueError(f"`k` must be positive. Received: k={k}")
    if texts is None:
        texts = [request.utterance for request in requests]
    width = max((len(request.enabled_skills) for request in requests), default=0)
    utterance = np.empty(len(requests), dtype=object)  # [B]
    enabled = np.full((len(requests), max(width, 1)), b"", dtype=object)  # [B, E]
    for row, (request, text) in enumerate(zip(requests, texts, strict=True)):
        utterance[row] = text.encode()
        enabled[row, : len(request.enabled_skills)] = [skill.encode() for skill in request.enabled_skills]
    return {"utterance": utterance, "enabled": enabled, "k": np.array(k, dtype=np.int32)}


def read_shortlist(outputs: Mapping[str, Array]) -> list[list[tuple[str, float]]]:
    """The candidates of each request: skill id and log-odds, best first; no candidate has NaN or ±inf.

    Raises:
        KeyError: The model did not answer `skill_ids` and `scores`.
    """
    rows = zip(outputs["skill_ids"].tolist(), outputs["scores"].tolist(), strict=True)
    return [
        [(skill.decode(), score) for skill, score in zip(skills, scores, strict=True) if math.isfinite(score)]
        for skills, scores in rows
    ]


def read_reject(outputs: Mapping[str, Array]) -> list[float | None]:
    """The reject score of each request; None from a model that has not learnt to refuse."""
    scores = outputs.get("reject", np.full(len(outputs["scores"]), NO_REJECT)).tolist()
    return [None if score <= NO_REJECT else score for score in scores]
