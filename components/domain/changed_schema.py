"""What a domain's model can say of other skills than those it was trained with."""

import msgspec

from components.records.catalogue import Catalogue
from components.records.domain_schema import NO_INTENT, DomainSchema, readings_of
from components.records.reranker import Reranker
from components.records.skill_change import Rename, SkillChange, new_id


def changed_schema(schema: DomainSchema, change: SkillChange, after: Catalogue) -> DomainSchema | None:
    """The schema with the skills that the catalogue has after the change; intents and slots stay.

    A new skill is read as those of its intents, with those of its slots, that the model knows by name. Where
    requests of the domain may have no intent, they may for a new skill. A skill of which the model knows no
    intent at all is left out: it gets hypotheses with the skill only, until a training learns of it.

    Returns: None where no skill would be left.
    """
    kept = {
        new_id(change, skill_id): declared
        for skill_id, declared in zip(schema.skill_ids, schema.declared, strict=True)
        if new_id(change, skill_id) in after.by_id
    }
    nothing = schema.intents.index(NO_INTENT) if NO_INTENT in schema.intents else None
    no_intent = all(any(each.intent == nothing for each in declared) for declared in schema.declared)
    for skill in after:
        if skill.domain == schema.domain and skill.skill_id not in kept:
            readings = readings_of(skill, schema.intents, schema.slots, no_intent=no_intent)
            if readings:
                kept[skill.skill_id] = readings
    if not kept:
        return None
    return msgspec.structs.replace(schema, skill_ids=tuple(kept), declared=tuple(kept.values()))


def changed_reranker(reranker: Reranker | None, change: SkillChange) -> Reranker | None:
    """The re-ranker, with what it learnt of the skill of the turn before under that skill's new id."""
    if reranker is None or not isinstance(change, Rename):
        return reranker
    old, new = f"previous_skill={change.old}", f"previous_skill={change.new}"
    learnt = dict(zip(reranker.features, reranker.weights, strict=True))
    if old not in learnt:
        return reranker
    learnt.pop(new, None)  # of a skill that is long gone
    named = {new if name == old else name: weight for name, weight in learnt.items()}
    return msgspec.structs.replace(reranker, features=tuple(named), weights=tuple(named.values()))
