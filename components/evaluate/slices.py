"""The slices that a request belongs to."""

from collections.abc import Collection, Mapping

from components.evaluate.judgement import ANSWERABLE, NO_SINGLE_SKILL, Judgement
from components.records.catalogue import Catalogue
from components.records.label import LabelledRequest
from components.records.request import Context
from components.records.text import normalise

ALL = "all"
FEATURES: dict[str, str] = {
    "domain": "domain of the right skill",
    "predicted_domain": "domain of the best hypothesis, accepted or not",
    "popularity": "how popular the right skill is in train",
    "device": "device of the request",
    "locale": "locale of the request",
    "seen_in_train": "whether train has the same text (normalised, without the invocation)",
    "named": "whether the request names its skill",
    "label": "where the label comes from: annotated, invocation, feedback, or none",
    "enabled": "whether the customer has enabled the right skill (skill_id), of those with an enabled list",
    "turn": "whether the request is the first of its dialogue or a later one",
    "new_intent": "whether the request begins something new in its dialogue, as annotated",
    "added": "whether the right skill came after the model's training",
}
OF_THE_ANSWER = frozenset({"predicted_domain"})
"""Features that depend on what was answered; the others are the same for every system."""
NOT_ADDED = "added:no"
"""The slice of the skills that the model was trained on, where others were added."""

_AND = " & "
_NAMED_RULES = ("annotated.named.", "invocation.", "launch.")


def slice_name(feature: str, value: str) -> str:
    """`feature:value`, the key of the slice in `metrics.json`; see `cross_name`."""
    return cross_name({feature: value})


def cross_name(values: Mapping[str, str]) -> str:
    """The key of the requests that have all these values by feature; `all` where there is none.

    `%` and `&` in a value are written `%25` and `%26`.

    >>> cross_name({"domain": "R&B: 50 %", "device": "tv"})
    'device:tv & domain:R%26B: 50 %25'
    """
    parts = (
        f"{feature}:{value.replace('%', '%25').replace('&', '%26')}"
        for feature, value in sorted(values.items())
    )
    return _AND.join(parts) or ALL


def split_name(name: str) -> dict[str, str]:
    """Value by feature, the inverse of `cross_name`.

    >>> split_name("device:tv & domain:R%26B: 50 %25")
    {'device': 'tv', 'domain': 'R&B: 50 %'}
    """
    if name == ALL:
        return {}
    parts = (part.partition(":") for part in name.split(_AND))
    return {feature: value.replace("%26", "&").replace("%25", "%") for feature, _, value in parts}


class Slicer:
    """Gives each request its slice features.

    By domain and popularity only answerable requests are sliced, by `skill_id` (by the judgement's truth
    where that skill failed), so that a request's slices do not depend on how well it was answered; by
    predicted domain every request that has a hypothesis is. A request without a device, a locale, an enabled
    list or a dialogue is in no slice of them.

    Args:
        catalogue: Knows the domains.
        bands: Popularity band by skill id; a skill that is left out is `unseen`.
        seen_texts: Normalised texts of train, or None where train is not at hand (no `seen_in_train` then).
        added: Skills that came after the model's training; where there is none, nothing is sliced by that.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        bands: Mapping[str, str],
        seen_texts: Collection[str] | None = None,
        added: Collection[str] = (),
    ) -> None:
        self._catalogue = catalogue
        self._bands = bands
        self._seen = seen_texts
        self._added = frozenset(added)

    def __call__(self, labelled: LabelledRequest, judgement: Judgement) -> dict[str, str]:
        """Value by feature of `FEATURES`."""
        request = labelled.request
        new_intent = request.context.new_intent
        values: dict[str, str | None] = {
            "device": request.device,
            "locale": request.locale,
            "turn": _turn(request.context),
            "new_intent": None if new_intent is None else _yes(new_intent),
        }
        values["named"] = _yes(labelled.label.rule.startswith(_NAMED_RULES))
        values["label"] = labelled.label.source
        if judgement.predicted in self._catalogue.by_id:  # a model may know a skill that has left
            values["predicted_domain"] = self._catalogue.domain_of(judgement.predicted)
        if judgement.kind == ANSWERABLE:
            skill_id = judgement.truth if judgement.skill_rank == NO_SINGLE_SKILL else request.skill_id or ""
            values["domain"] = self._catalogue.domain_of(skill_id)
            values["popularity"] = self._bands.get(skill_id, "unseen")
            if self._added:
                values["added"] = _yes(skill_id in self._added)
            if request.enabled_skills:
                values["enabled"] = _yes(skill_id in request.enabled_skills)
        if self._seen is not None:
            values["seen_in_train"] = _yes(normalise(labelled.label.text) in self._seen)
        return {feature: value for feature, value in values.items() if value}


def _turn(context: Context) -> str | None:
    if context.turn is None and context.previous_skill is None:
        return None
    return "later" if context.previous_skill is not None or (context.turn or 0) > 1 else "first"


def _yes(holds: bool) -> str:
    return "yes" if holds else "no"
