"""Answers of a system in figures: routing, reading and confidence."""

from typing import Literal

import msgspec
import numpy as np

from benchmarks.shortlister_runs import interval
from benchmarks.system.answers import Bools, Judged
from components.records.calibration import calibration_floor, ece, equal_width, reliability

Event = Literal["skill", "whole"]
"""What a confidence is about: that the skill is right (any right one), or skill, intent and all slots. None:
nothing was said."""

LEAST = 200
"""Answers that a domain must have given for an ECE of its own."""


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """What N answers come to.

    Attributes:
        requests: N.
        any_skill: Share routed to a right skill, with its 95 % interval (bootstrap over customers) beside.
        skill: Share routed to `skill_id`.
        domain: Share whose domain is right.
        intent: Share whose domain and intent are right.
        slot_f1: Micro: a slot is right with its name and its normalised value.
        semer: Micro SemER.
        irer: Share with any error. The last three are over the answers that have a reference frame.
        ece: Of the confidence, over 15 bins of equal width; `floor`, what chance alone would show.
        worst_ece: The largest of a domain that gave at least `LEAST` answers.
        worst_domain: Its name.
    """

    requests: int
    any_skill: float
    any_skill_range: tuple[float, float]
    skill: float
    domain: float
    intent: float
    slot_f1: float
    semer: float
    irer: float
    ece: float | None = None
    floor: float | None = None
    worst_ece: float | None = None
    worst_domain: str = ""


def figures(judged: Judged, event: Event | None) -> Figures:
    """The figures of at least one answer."""
    framed = judged.of(judged.framed)
    found = Figures(
        requests=len(judged),
        any_skill=float(judged.any_skill.mean()),
        any_skill_range=interval(judged.any_skill.astype(np.float64), groups=judged.groups.tolist()),
        skill=float(judged.skill.mean()),
        domain=float(judged.right_domain.mean()),
        intent=float(judged.intent.mean()),
        slot_f1=_share(2 * framed.hit.sum(), (framed.found + framed.true).sum()),
        semer=_share(framed.errors.sum(), framed.size.sum()),
        irer=_share((framed.errors > 0).sum(), len(framed)),
    )
    if event is None:
        return found
    came, confidence = _came(judged, event), judged.confidence
    by_domain = domain_ece(judged, event)
    worst = max(by_domain, key=lambda name: by_domain[name], default="")
    return msgspec.structs.replace(
        found,
        ece=ece(confidence, came),
        floor=calibration_floor(reliability(confidence, came, equal_width(confidence))),
        worst_ece=by_domain.get(worst),
        worst_domain=worst,
    )


def domain_ece(judged: Judged, event: Event, *, least: int = LEAST) -> dict[str, float]:
    """ECE of the answers of each domain that gave at least `least`, by name."""
    came = _came(judged, event)
    found = {}
    for name in np.unique(judged.domain).tolist():
        rows = judged.domain == name
        if name and rows.sum() >= least:
            found[name] = ece(judged.confidence[rows], came[rows])
    return found


def slices(judged: Judged) -> dict[str, Bools]:
    """Which answers belong to each part of the requests, where a set has dialogues; else none."""
    new = np.array([bool(request.context.new_intent) for request in judged.requests], bool)
    first = np.array([request.context.turn == 0 for request in judged.requests], bool)
    if not new.any() or new.all():
        return {}
    return {
        "turns with a new intent": new,
        "of these, first turns": new & first,
        "of these, later turns": new & ~first,
        "other turns": ~new,
    }


def _came(judged: Judged, event: Event) -> Bools:
    return judged.any_skill if event == "skill" else judged.whole


def _share(part: float, whole: float) -> float:
    return float(part / whole) if whole else 0.0
