"""First pass over a set: which skills are right for whom, and how often in train."""

from collections import Counter
from collections.abc import Iterable
from typing import Self

from components.records.request import Request
from components.records.splits import Shares, hashed_split, split_key

_HELD_OUT = ("dev", "test")
_SHARES = Shares()


def customer_of(request: Request) -> str:
    """Whose enabled list the request has: its customer's, or its own where it names none."""
    if request.customer_id is not None:
        return f"c:{request.customer_id}"
    return f"r:{request.request_id}"


def is_train(request: Request) -> bool:
    """Whether the request is of train (rank is carved from it); without a pin, by Ingest's own hash."""
    split = request.split or hashed_split(split_key(request), _SHARES)
    return split not in _HELD_OUT


class RightSkills:
    """The right skills of every customer, and the customers of train by what is right for them.

    Attributes:
        of_customer: Customer → skill ids in the order met. A customer without a right skill is absent.
        in_train: Right skills of one train customer, sorted → requests of all train customers with these.
        train_requests: Skill id → train requests that it is right for.
    """

    def __init__(self) -> None:
        self.of_customer: dict[str, tuple[str, ...]] = {}
        self.in_train: Counter[tuple[str, ...]] = Counter()
        self.train_requests: Counter[str] = Counter()

    @classmethod
    def count(cls, requests: Iterable[Request]) -> Self:
        """Reads each request once. Where none is of train, all of them stand in for it."""
        rights = cls()
        found: dict[str, dict[str, None]] = {}
        train: Counter[str] = Counter()  # customer → requests in train
        everywhere: Counter[str] = Counter()
        for request in requests:
            skill_id = request.skill_id
            if skill_id is None or request.outcome == "rejected":
                continue
            customer = customer_of(request)
            found.setdefault(customer, {})[skill_id] = None
            everywhere[skill_id] += 1
            if is_train(request):
                train[customer] += 1
                rights.train_requests[skill_id] += 1
        rights.of_customer = {customer: tuple(skills) for customer, skills in found.items()}
        if not train:
            train = Counter(dict.fromkeys(found, 1))
            rights.train_requests = everywhere
        for customer, requests_made in train.items():
            rights.in_train[tuple(sorted(rights.of_customer[customer]))] += requests_made
        return rights
