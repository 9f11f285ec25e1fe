"""CLINC150 (Larson et al. 2019, https://aclanthology.org/D19-1131): 150 intents and requests out of scope."""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from components.importers.source import Dropped, SourceError, decode, read_bytes, request_or_dropped
from components.records.request import Request
from components.records.skill import Intent, Skill

_PARTS = {
    "train": "train",
    "oos_train": "train",
    "val": "dev",
    "oos_val": "dev",
    "test": "test",
    "oos_test": "test",
}
_OUT_OF_SCOPE = "oos"

_rows = msgspec.json.Decoder(dict[str, list[tuple[str, str]]])
_domains = msgspec.json.Decoder(dict[str, list[str]])


class Clinc150:
    """Reads `SRC/data_full.json` and `SRC/domains.json`.

    Args:
        src: The set's own folder.

    Raises:
        SourceError: A file is missing or broken, or a row names an intent that no domain has.
    """

    licence = "CC BY 3.0. CLINC150 / oos-eval, Larson et al., EMNLP 2019."
    rules = (
        "A skill is an intent, and the request's intent has its name; domains are those of domains.json.",
        "Rows labelled oos become requests with outcome out_of_scope and no skill.",
        "The set's val is the split dev; the id is part/row, counted from 0.",
    )

    def __init__(self, src: Path) -> None:
        self._path = src / "data_full.json"
        self._domains = decode(src / "domains.json", _domains, read_bytes(src / "domains.json"))
        self._parts = decode(self._path, _rows, read_bytes(self._path))
        unknown = sorted(set(self._parts) - set(_PARTS))
        if unknown:
            raise SourceError(self._path, f"part {unknown[0]!r}", f"must be one of {', '.join(_PARTS)}")
        self._known = {intent for intents in self._domains.values() for intent in intents}

    def skills(self) -> list[Skill]:
        return [
            _skill(domain, intent)
            for domain, intents in sorted(self._domains.items())
            for intent in sorted(intents)
        ]

    def splits(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(split for part, split in _PARTS.items() if part in self._parts))

    def requests(self) -> Iterator[Request | Dropped]:
        for part, split in _PARTS.items():
            for row, (utterance, intent) in enumerate(self._parts.get(part, ())):
                if intent != _OUT_OF_SCOPE and intent not in self._known:
                    raise SourceError(
                        self._path, f"{part}, row {row}", f"intent {intent!r} must be in domains.json"
                    )
                yield _request(f"{part}/{row}", utterance, intent, split)


def _skill(domain: str, intent: str) -> Skill:
    name = intent.replace("_", " ")
    return Skill(skill_id=intent, domain=domain, name=name, intents=(Intent(name=intent),))


def _request(request_id: str, utterance: str, intent: str, split: str) -> Request | Dropped:
    label = {"outcome": "out_of_scope"} if intent == _OUT_OF_SCOPE else {"skill_id": intent, "intent": intent}
    return request_or_dropped(request_id=request_id, utterance=utterance, split=split, **label)
