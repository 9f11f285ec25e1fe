"""How well a domain model reads the dev split."""

import numpy as np
import numpy.typing as npt

from components.domain.corpus import NO_CLASS, DomainCorpus, Ints
from components.domain.train import Answers
from components.records.domain_schema import DomainSchema
from components.records.domain_twin.n_best import n_best

Numbers = npt.NDArray[np.int64]
Units = set[tuple[int, int, int]]
"""Slots: first word, last word, kind."""


def dev_figures(answers: Answers, dev: DomainCorpus, schema: DomainSchema) -> dict[str, float]:
    """Figures of a calibrated network; those that no dev request tells of are left out.

    Returns: "dev_own" and "dev_foreign", requests; "dev_domain_accuracy" at even odds, own and foreign ones
        counting the same in all; of the own requests, read for their own skill, "dev_intent_accuracy",
        "dev_slot_precision", "dev_slot_recall" and "dev_slot_f1", where a slot is right with its name and all
        its words, and "dev_frame_accuracy", intent and all slots.
    """
    own = int(dev.own.sum())
    figures = {"dev_own": float(own), "dev_foreign": float(len(dev) - own)}
    domain = np.zeros(len(dev))
    intents = frames = read = found_slots = true_slots = right_slots = 0
    declared, allowed = schema.intent_mask(), schema.kind_mask()
    for rows, scores in answers(dev):
        domain[rows] = scores.domain
        for at, row in enumerate(rows.tolist()):
            if dev.intent[row] == NO_CLASS:
                continue
            length = int(dev.lengths[row])
            skill = int(dev.skill[row])
            ((best, *_),) = n_best(
                scores.intents[at], scores.tags[at, :length], [declared[skill]], [allowed[skill]]
            )
            found, true = _units(best.kinds, best.units), _true_units(dev.tags[row, :length], schema)
            read, found_slots, true_slots = read + 1, found_slots + len(found), true_slots + len(true)
            right_slots += len(found & true)
            right = best.intent == int(dev.intent[row])
            intents += right
            frames += right and found == true
    if 0 < own < len(dev):
        sides = [((domain > 0) == dev.own)[dev.own == side].mean() for side in (True, False)]
        figures["dev_domain_accuracy"] = float(np.mean(sides))
    if read:
        figures["dev_intent_accuracy"] = intents / read
        figures["dev_frame_accuracy"] = frames / read
    if true_slots:
        figures["dev_slot_precision"] = right_slots / max(found_slots, 1)
        figures["dev_slot_recall"] = right_slots / true_slots
        figures["dev_slot_f1"] = 2 * right_slots / (found_slots + true_slots)
    return figures


def _units(kinds: Numbers, units: Numbers) -> Units:
    found: Units = set()
    for unit in np.unique(units[kinds > 0]):
        words = np.flatnonzero(units == unit)
        found.add((int(words[0]), int(words[-1]), int(kinds[words[0]])))
    return found


def _true_units(tags: Ints, schema: DomainSchema) -> Units:
    slots, start = len(schema.slots), 0
    found: Units = set()
    for at, tag in enumerate(tags.tolist()):
        if 0 < tag <= slots:
            start = at
        if tag > 0 and (at + 1 == len(tags) or tags[at + 1] <= slots):
            found.add((start, at, tag - slots if tag > slots else tag))
    return found
