"""What each arm of a rollout did, counted: in a file of each router, which a kill costs seconds of.

FOLDER/STAGE/router-0.json      {"canary": {"requests", "accepted", ..}, "stable": {..}}
"""

import logging
import math
import threading
from pathlib import Path

import msgspec

from components.records.atomic import atomic_write
from components.router.api.answers import RouteAnswer
from components.router.service.store import Routed
from components.router.service.watcher import Watcher

ROLLOUTS = "rollouts"
"""The folder of the counts, beside the feedback's journal."""

_log = logging.getLogger("arbiter.router")
_FASTEST_S = 1e-5
_STEP = 1.1
_BINS = 150
"""Of latency: from 10 µs up, each a tenth longer than the one before, to 16 s."""


class Tally(msgspec.Struct, omit_defaults=True, kw_only=True):
    """What an arm did; of a shadow, what the candidates did beside the answers.

    Attributes:
        requests: Its requests.
        accepted: Of them, those accepted.
        degraded: Those that lack something.
        fell_back: Those that the candidates could not answer; of a shadow, that they failed.
        dropped: Of a shadow: requests that it was not asked, because there were too many.
        agreed: Of a shadow: that it gives the same first skill, or refuses as well.
        bins: How many decisions took how long.
    """

    requests: int = 0
    accepted: int = 0
    degraded: int = 0
    fell_back: int = 0
    dropped: int = 0
    agreed: int = 0
    bins: dict[int, int] = {}

    def slower_than(self, seconds: float) -> int:
        """How many decisions took longer, to a tenth of it."""
        return sum(count for place, count in self.bins.items() if place > _place(seconds))

    def took(self, seconds: float) -> None:
        """Counts how long a decision took."""
        place = _place(seconds)
        self.bins[place] = self.bins.get(place, 0) + 1

    def __iadd__(self, other: "Tally") -> "Tally":
        for name in self.__struct_fields__[:-1]:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for place, count in other.bins.items():
            self.bins[place] = self.bins.get(place, 0) + count
        return self

    def quantile(self, share: float) -> float | None:
        """Seconds that this share of the decisions took at most, to a tenth; None where there are none."""
        wanted, seen = share * sum(self.bins.values()), 0
        for place in sorted(self.bins):
            seen += self.bins[place]
            if seen >= wanted:
                return _FASTEST_S * _STEP**place
        return None


def _place(seconds: float) -> int:
    return min(math.ceil(math.log(max(seconds, _FASTEST_S) / _FASTEST_S, _STEP)), _BINS)


Tallies = dict[str, Tally]
"""By arm: `stable`, `canary`, `shadow`."""

_files = msgspec.json.Decoder(Tallies)


class Counts(Watcher):
    """Counts what each arm does; a thread keeps the file up to date.

    Args:
        folder: Of the rollouts' counts.
        name: Of this router's files, which no other has.
        every_s: Time between two writes.
    """

    def __init__(self, folder: Path, name: str, *, every_s: float = 2.0) -> None:
        self._folder = folder
        self._name = f"{name}.json"
        self._lock = threading.Lock()
        self._stage = ""
        self._tallies: Tallies = {}
        self._changed = False
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(every_s,), name="counts", daemon=True)
        self._thread.start()

    def answered(self, routed: Routed, answer: RouteAnswer, seconds: float) -> None:
        live = routed.live
        if live is not None:
            with self._lock:
                tally = self._tally(live.rollout, live.arm)
                tally.requests += 1
                tally.accepted += answer.accepted
                tally.degraded += bool(answer.degraded)
                tally.fell_back += live.fell_back
                tally.took(live.seconds)

    def shadowed(self, stage: str, **counts: int) -> None:
        """Adds to what the shadow did."""
        with self._lock:
            tally = self._tally(stage, "shadow")
            for name, count in counts.items():
                setattr(tally, name, getattr(tally, name) + count)

    def shadow_took(self, stage: str, seconds: float) -> None:
        """Counts how long the shadow took."""
        with self._lock:
            self._tally(stage, "shadow").took(seconds)

    def close(self) -> None:
        """Writes what is left."""
        self._stopping.set()
        self._thread.join()

    def _tally(self, stage: str, arm: str) -> Tally:
        if stage != self._stage:
            self._write()
            self._stage, self._tallies = stage, _read(self._folder / stage / self._name)
        self._changed = True
        return self._tallies.setdefault(arm, Tally())

    def _run(self, every_s: float) -> None:
        while not self._stopping.wait(every_s):
            with self._lock:
                self._write()
        with self._lock:
            self._write()

    def _write(self) -> None:
        if not self._changed:
            return
        self._changed = False
        try:
            atomic_write(self._folder / self._stage / self._name, msgspec.json.encode(self._tallies))
        except OSError as error:
            _log.error("the rollout's counts are not written: %s", error)


def read_tallies(folder: Path, stage: str) -> Tallies:
    """What all routers counted of a stage."""
    found: Tallies = {}
    for path in sorted((folder / stage).glob("*.json")):
        for arm, tally in _read(path).items():
            found[arm] = found.get(arm, Tally())
            found[arm] += tally
    return found


def _read(path: Path) -> Tallies:
    try:
        return _files.decode(path.read_bytes())
    except (FileNotFoundError, msgspec.DecodeError):
        return {}
