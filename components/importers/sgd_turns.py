"""The user's turns of one SGD dialogue as requests."""

from collections.abc import Callable, Iterator

from components.importers.sgd_form import Dialogue, Frame, State, Turn
from components.importers.source import Dropped, request_or_dropped
from components.records.request import Context, Request, Slot

NONE = "NONE"
"""SGD's name for "no active intent"."""

Alternatives = Callable[[str, str], tuple[str, ...]]
"""(service, intent) → other services that can serve it."""


def requests_of(dialogue: Dialogue, split: str, alternatives: Alternatives) -> Iterator[Request | Dropped]:
    """One request per user turn.

    Of several frames, the one whose service or active intent changed in this turn is the request; where both
    changed, the later one, and the other's service is also correct. A frame with old state alone is none.

    Args:
        dialogue: As read.
        split: The native split; it also keeps ids apart, since SGD numbers each split from 1_00000.
        alternatives: Which other services can serve an intent.
    """
    customer = f"{split}/{dialogue.dialogue_id}"
    before: dict[str, str] = {}  # service → active intent in the user's last turn
    context = Context(turn=0)
    users = ((at, turn) for at, turn in enumerate(dialogue.turns) if turn.speaker == "USER")
    for count, (at, turn) in enumerate(users):
        changed = [frame for frame in turn.frames if before.get(frame.service) != _intent(frame)]
        frame = _chosen(turn, changed)
        before = {frame.service: _intent(frame) for frame in turn.frames}
        if frame is None:
            yield Dropped("only_old_state", split)
            continue
        slots = _slots(turn.utterance, frame)
        if slots is None:
            yield Dropped("slot_span", split)
            continue
        intent = None if _intent(frame) == NONE else _intent(frame)
        others = {other.service for other in changed if other is not frame}
        if intent is not None:
            others.update(alternatives(frame.service, intent))
        yield request_or_dropped(
            request_id=f"{customer}/{at}",
            utterance=turn.utterance,
            customer_id=customer,
            context=Context(
                previous_skill=context.previous_skill,
                previous_intent=context.previous_intent,
                turn=count,
                new_intent=intent is not None and frame in changed,
            ),
            skill_id=frame.service,
            intent=intent,
            slots=slots,
            also_correct=tuple(sorted(others - {frame.service})),
            split=split,
        )
        context = Context(previous_skill=frame.service, previous_intent=intent)


def _state(frame: Frame) -> State:
    if frame.state is None:
        raise ValueError(f"a user's frame must have a `state`. Received: {frame}")
    return frame.state


def _intent(frame: Frame) -> str:
    return _state(frame).active_intent


def _chosen(turn: Turn, changed: list[Frame]) -> Frame | None:
    """The frame that this turn is about; None where every one of several only carries old state."""
    if changed:
        return changed[-1]
    if len(turn.frames) == 1:
        return turn.frames[0]
    return next((frame for frame in reversed(turn.frames) if frame.slots), None)


def _slots(utterance: str, frame: Frame) -> tuple[Slot, ...] | None:
    """The frame's slots with a span in this utterance; None where a span does not fit what the state says."""
    slots = []
    for span in frame.slots:
        if span.start is None or span.exclusive_end is None:
            continue
        value = utterance[span.start : span.exclusive_end]
        stated = _state(frame).slot_values.get(span.slot)
        if not 0 <= span.start < span.exclusive_end <= len(utterance) or (stated and value not in stated):
            return None
        slots.append(Slot(name=span.slot, value=value, start=span.start, end=span.exclusive_end))
    return tuple(slots)
