"""What a call may ask for at most."""

from components.records.errors import RecordError
from components.records.fields import check_text
from components.router.api.calls import CustomerCall, FeedbackCall, RouteBatchCall, RouteCall
from components.router.service.options import RouterOptions


def check_route(call: RouteCall, options: RouterOptions) -> None:
    """Raises `RecordError` where the call is over a limit; rules of the dataset are checked elsewhere."""
    if len(call.utterance) > options.max_utterance:
        raise RecordError(
            "too_long",
            "utterance",
            f"must have at most {options.max_utterance} characters, has {len(call.utterance)}",
        )
    for name in ("request_id", "customer_id", "locale", "device"):
        if (text := getattr(call, name)) is not None:
            check_text(name, text)
    for name in ("previous_skill", "previous_intent"):
        if (text := getattr(call.context, name)) is not None:
            check_text(f"context.{name}", text)
    for name in ("enabled_skills", "recent"):
        entries = getattr(call, name)
        if entries is not None and len(entries) > options.max_list:
            rule = f"must have at most {options.max_list} entries, has {len(entries)}"
            raise RecordError("too_long", name, rule)
    for name, entries in (("skills", call.skills), *(("intents", each.intents) for each in call.skills)):
        if len(entries) > options.max_list:
            rule = f"must have at most {options.max_list} entries, has {len(entries)}"
            raise RecordError("too_long", name, rule)
    if not 1 <= call.top <= options.max_top:
        raise RecordError("bad_value", "top", f"must lie in 1 to {options.max_top}", call.top)


def check_batch(call: RouteBatchCall, options: RouterOptions) -> None:
    """Raises `RecordError` where there are too many requests; each is checked on its own."""
    if len(call.requests) > options.max_batch:
        rule = f"must have at most {options.max_batch} entries, has {len(call.requests)}"
        raise RecordError("too_long", "requests", rule)


def check_feedback(call: FeedbackCall, options: RouterOptions) -> None:
    """Raises `RecordError` where the call is over a limit; rules of the dataset are checked elsewhere."""
    for name in ("request_id", "skill_id", "intent"):
        if (text := getattr(call, name)) is not None:
            check_text(name, text, required=True)
    if len(call.slots) > options.max_list:
        raise RecordError(
            "too_long", "slots", f"must have at most {options.max_list} entries, has {len(call.slots)}"
        )


def check_customer(call: CustomerCall, options: RouterOptions) -> None:
    """Raises `RecordError` where the call is over a limit."""
    if len(call.enabled_skills) > options.max_list:
        rule = f"must have at most {options.max_list} entries, has {len(call.enabled_skills)}"
        raise RecordError("too_long", "enabled_skills", rule)
    for skill_id in call.enabled_skills:
        check_text("enabled_skills", skill_id, required=True)
