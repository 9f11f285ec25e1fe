"""Simulated enabled lists: what a customer might have enabled, without saying which skill is right."""

import hashlib
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from components.importers.rights import RightSkills, customer_of
from components.records.catalogue import Catalogue
from components.records.request import Request

MEAN_LENGTH = 8.5
"""Mean enabled skills per customer (Kim et al. 2018); never more than a third of the catalogue."""

RULE = (
    "One list per customer, the same for all its requests; a request without a customer is its own. The "
    "list is drawn as bundles of half its places each. A bundle belongs to a customer: the first to this "
    "one, the next to others, drawn from train by their requests, until the list is full. It is filled "
    "from the domains of its owner's right skills, in proportion to the train requests of each skill and "
    "as far as these domains go; then each right skill of its owner takes, with the stated probability, "
    "the place of a random filler, or one that its domain left free. A skill that is right for this "
    "customer is never a filler. A domain whose right skill stays out takes part only if it is so large "
    "that the gap does not tell which skill is missing. The list is shuffled."
)

_SPREAD = 0.4  # a list's length varies by this share around the mean
_DRAWS = 64  # other customers asked before the rest is filled from the whole of train

_Indices = npt.NDArray[np.int64]


def mean_length(skills: int) -> float:
    """The mean length of an enabled list in a catalogue of so many skills."""
    return min(MEAN_LENGTH, skills / 3)


class EnabledLists:
    """Draws the enabled list of each customer; the same for the same customer, seed and data.

    Other customers' bundles are made as the customer's own, so that a list does not tell whose is whose:
    nobody does better on it than to guess its most popular skill (design §2; a test trains models to try).

    Args:
        catalogue: Every skill there is.
        rights: What the first pass counted.
        inclusion: Probability that a right skill is in the list, 0 to 1.
        seed: Not negative.
    """

    def __init__(self, catalogue: Catalogue, rights: RightSkills, *, inclusion: float, seed: int) -> None:
        self._ids = catalogue.skill_ids
        self._row = {skill_id: row for row, skill_id in enumerate(self._ids)}
        self._rights = rights
        self._inclusion = inclusion
        self._seed = seed
        self._mean = mean_length(len(self._ids))
        self._popularity = np.array([rights.train_requests[skill_id] for skill_id in self._ids], float)  # [K]
        number = {domain: i for i, domain in enumerate(catalogue.domains)}
        self._domain = [number[skill.domain] for skill in catalogue]
        self._seen = self._rows_by_domain(len(number))
        # Others keep half of their right skills at least: a bundle that shows nothing hides nothing.
        self._others_inclusion = max(inclusion, 0.5)
        self._others = [tuple(self._row[skill_id] for skill_id in skills) for skills in rights.in_train]
        weights = [
            requests / self._expected_places(skills)
            for skills, requests in zip(self._others, rights.in_train.values(), strict=True)
        ]
        self._cumulative = np.cumsum(np.array(weights, float))
        self._drawn = lru_cache(maxsize=4096)(self._draw)

    def of(self, request: Request) -> tuple[str, ...]:
        """The enabled list of the request's customer."""
        return self._drawn(customer_of(request))

    def _rows_by_domain(self, domains: int) -> list[_Indices]:
        """Per domain, the rows of its skills that are right for some train request."""
        rows: list[list[int]] = [[] for _ in range(domains)]
        for row, domain in enumerate(self._domain):
            if self._popularity[row] > 0:
                rows[domain].append(row)
        return [np.array(found, np.int64) for found in rows]

    def _expected_places(self, skills: tuple[int, ...]) -> float:
        """Places that a bundle of these right skills takes on average: a large bundle is drawn less often."""
        half = self._mean / 2
        domains = {self._domain[row] for row in skills}
        places = max(min(half, sum(len(self._seen[domain]) for domain in domains)), len(skills))
        return (
            places
            if all(self._hides(domain, half) for domain in domains)
            else places * self._others_inclusion
        )

    def _hides(self, domain: int, places: float) -> bool:
        """Whether a missing skill of the domain is no likelier to be the right one than a shown one."""
        missing = len(self._seen[domain]) - places
        return missing > 0 and missing * self._inclusion >= places * (1 - self._inclusion)

    def _draw(self, customer: str) -> tuple[str, ...]:
        digest = hashlib.blake2b(customer.encode(), digest_size=8).digest()
        rng = np.random.default_rng([self._seed, int.from_bytes(digest, "big")])
        rights = _shuffled(rng, [self._row[skill] for skill in self._rights.of_customer.get(customer, ())])
        half, length = self._places(rng)
        chosen, domains = self._bundle(rng, rights, half, self._inclusion)
        chosen = chosen[:length]
        taken = {*chosen, *rights}
        for _ in range(_DRAWS):
            if len(chosen) >= length or not self._others:
                break
            at = np.searchsorted(self._cumulative, rng.random() * self._cumulative[-1], side="right")
            other = [
                row for row in self._others[at] if row not in rights and self._domain[row] not in domains
            ]
            more, theirs = self._bundle(rng, _shuffled(rng, other), half, self._others_inclusion)
            chosen += [row for row in more if row not in taken][: length - len(chosen)]
            domains |= theirs
            taken.update(chosen)
        chosen += self._fillers(rng, range(len(self._seen)), length - len(chosen), taken)
        return tuple(self._ids[row] for row in _shuffled(rng, chosen))

    def _places(self, rng: np.random.Generator) -> tuple[int, int]:
        """Places of a bundle and of the list: an even number, with the set's mean; at least one."""
        half = self._mean / 2
        spread = min(_SPREAD * half, max(0.0, half - 1.0))
        mean = half + (2 * rng.random() - 1) * spread
        places = max(1, int(mean + rng.random()))  # rounds up or down at random, so that the mean stays
        return places, 2 * places if half >= 1 else 1

    def _bundle(
        self, rng: np.random.Generator, rights: list[int], places: int, inclusion: float
    ) -> tuple[list[int], set[int]]:
        """The rows of one customer's bundle, right skills first, and the domains that it is of."""
        kept = [row for row in rights if rng.random() < inclusion]
        domains = {self._domain[row] for row in kept}
        domains |= {self._domain[row] for row in rights if self._hides(self._domain[row], places)}
        fillers = _shuffled(rng, self._fillers(rng, sorted(domains), places, set(rights)))
        return kept + fillers[: max(0, places - len(kept))], domains

    def _fillers(
        self, rng: np.random.Generator, domains: "list[int] | range", places: int, without: set[int]
    ) -> list[int]:
        """Up to `places` distinct skills of the domains, by popularity (Efraimidis & Spirakis 2006)."""
        pools = [self._seen[domain] for domain in domains]
        if places <= 0 or not pools:
            return []
        pool = np.concatenate(pools)  # [N]
        keys = np.log(rng.random(len(pool))) / self._popularity[pool]  # [N]
        ranked = pool[np.argsort(-keys)][: places + len(without)]
        return [int(row) for row in ranked if int(row) not in without][:places]


def _shuffled(rng: np.random.Generator, rows: list[int]) -> list[int]:
    return [rows[i] for i in np.argsort(rng.random(len(rows)))]
