"""What a client asks of the router; the JSON of its REST API."""

from datetime import datetime

import msgspec

from components.records.request import Context, OfferedSkill, Request, Slot, Usage

TOP = 5
"""Skills of an answer where nobody says otherwise."""


class RouteCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """One request to route: what a line of `requests/*.jsonl` says before anything is known of its outcome.

    Attributes:
        request_id: Made up where it is absent; feedback names it.
        timestamp: The router's clock where it is absent.
        skills: To choose among; empty: all that the models know.
        enabled_skills, recent: Absent: what the router's store knows of the customer.
        top: Skills of the answer, at most.
        explain: Whether the answer says how each stage came to it.
    """

    utterance: str
    request_id: str | None = None
    timestamp: datetime | None = None
    locale: str | None = None
    device: str | None = None
    customer_id: str | None = None
    enabled_skills: tuple[str, ...] | None = None
    recent: tuple[Usage, ...] | None = None
    context: Context = Context()
    skills: tuple[OfferedSkill, ...] = ()
    top: int = TOP
    explain: bool = False

    def request(
        self,
        *,
        request_id: str,
        timestamp: datetime,
        enabled_skills: tuple[str, ...],
        recent: tuple[Usage, ...],
    ) -> Request:
        """The request, with what the call may leave out. Raises `RecordError` where it breaks a rule."""
        return Request(
            request_id=request_id,
            utterance=self.utterance,
            timestamp=timestamp,
            locale=self.locale,
            device=self.device,
            customer_id=self.customer_id,
            enabled_skills=enabled_skills,
            recent=recent,
            context=msgspec.structs.replace(self.context, new_intent=None),
            skills=self.skills,
        )


class RouteBatchCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Several requests to route, with one version of each model."""

    requests: tuple[RouteCall, ...]


class FeedbackCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True, kw_only=True):
    """What came of a routed request.

    Attributes:
        outcome: `handled`, `rejected`, `out_of_scope` or `unknown`.
        skill_id: The skill that handled the request, or failed; absent: the one that the router chose.
        intent, slots: The parse, where it is known to be right.
    """

    request_id: str
    outcome: str
    skill_id: str | None = None
    intent: str | None = None
    slots: tuple[Slot, ...] = ()


class CustomerCall(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The skills that a customer has enabled, all of them."""

    enabled_skills: tuple[str, ...]
