"""Services of SGD that share the name of an intent and still do not stand in for each other."""

import msgspec


class Apart(msgspec.Struct, frozen=True):
    """Groups of services or families: members of two different groups are not interchangeable."""

    reason: str
    groups: tuple[tuple[str, ...], ...]


APART = (
    Apart(
        "a hair stylist, a dentist, a doctor and a therapist take different appointments",
        (("Services_1",), ("Services_2",), ("Services_3",), ("Services_4",)),
    ),
    Apart("a film on demand is not a film in a cinema", (("Media",), ("Movies",))),
    Apart(
        "a film database knows no cinema: it can serve neither a place nor a show time",
        (("Movies_1",), ("Movies_2",)),
    ),
)


def family(service: str) -> str:
    """The service's family.

    >>> family("Restaurants_1"), family("Messaging")
    ('Restaurants', 'Messaging')
    """
    stem, _, number = service.rpartition("_")
    return stem if stem and number.isdigit() else service


def interchangeable(one: str, other: str) -> bool:
    """Whether two services that offer the same intent can serve each other's requests for it."""
    return not any(_group(one, apart) != _group(other, apart) for apart in APART if _both(one, other, apart))


def _both(one: str, other: str, apart: Apart) -> bool:
    return _group(one, apart) is not None and _group(other, apart) is not None


def _group(service: str, apart: Apart) -> int | None:
    names = (service, family(service))
    return next((i for i, group in enumerate(apart.groups) if any(name in group for name in names)), None)
