"""The rules that turn a request into its label. A rule that changes what it decides gets a new version."""

from collections.abc import Callable

from components.label.options import LabelOptions
from components.records.invocation import Invocation, InvocationIndex, strip_invocation
from components.records.label import Label
from components.records.text import tokens

ANNOTATED = "annotated.v1"
ANNOTATED_NAMED = "annotated.named.v1"
LAUNCH = "launch.v1"
REJECTED = "rejected.v1"
OUT_OF_SCOPE = "out_of_scope.v1"
UNLABELLED = "unlabelled.v1"
AMBIGUOUS = "invocation.ambiguous.v1"
LOOSE = "invocation.loose.refused.v1"
SHORT = "invocation.short.v1"
RARE = "invocation.rare.v1"


def label_of(
    utterance: str,
    skill_id: str | None,
    outcome: str | None,
    index: InvocationIndex,
    options: LabelOptions,
    is_rare: Callable[[str], bool] = lambda command: False,
) -> Label:
    """The label of one request.

    - `out_of_scope`: no skill is right, and none is called wrong.
    - `rejected`: the skill that failed is a negative, never a positive.
    - With a `skill_id`: that skill. Where the customer named it, the text is the command alone; where nothing
      but the name was said, there is nothing to learn and no label.
    - Without: the skill that the customer named, if it is one skill and the command passes the filters.

    Args:
        is_rare: Whether a command is below the least count.
    """
    invocation = strip_invocation(utterance, index)
    if outcome == "out_of_scope":
        return Label(text=utterance, rule=OUT_OF_SCOPE)
    if skill_id is None:
        return _invoked(utterance, invocation, options, is_rare)
    named = invocation is not None and skill_id in invocation.skill_ids
    text = invocation.command if invocation is not None and named else utterance
    if outcome == "rejected":
        return Label(text=text or utterance, negative_skill=skill_id, source="feedback", rule=REJECTED)
    if not text:
        return Label(text=utterance, rule=LAUNCH)
    return Label(
        text=text, skill_id=skill_id, source="annotated", rule=ANNOTATED_NAMED if named else ANNOTATED
    )


def _invoked(
    utterance: str, invocation: Invocation | None, options: LabelOptions, is_rare: Callable[[str], bool]
) -> Label:
    if invocation is None:
        return Label(text=utterance, rule=UNLABELLED)
    if not invocation.command:
        return Label(text=utterance, rule=LAUNCH)
    problem = _filter(invocation, options, is_rare)
    if problem:
        return Label(text=invocation.command, rule=problem)
    return Label(
        text=invocation.command,
        skill_id=invocation.skill_ids[0],
        source="invocation",
        rule=f"invocation.{invocation.form}.v1",
    )


def _filter(invocation: Invocation, options: LabelOptions, is_rare: Callable[[str], bool]) -> str:
    """The rule that refuses the label, or empty."""
    if len(invocation.skill_ids) > 1:
        return AMBIGUOUS
    if invocation.form == "loose" and not options.loose_forms:
        return LOOSE
    if len(tokens(invocation.command)) < options.min_tokens:
        return SHORT
    return RARE if is_rare(invocation.command) else ""
