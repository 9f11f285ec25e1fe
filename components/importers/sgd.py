"""The Schema-Guided Dialogue dataset (Rastogi et al. 2020, https://arxiv.org/abs/1909.05855)."""

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

from components.importers.options import NATIVE_SPLITS
from components.importers.sgd_exceptions import APART, family, interchangeable
from components.importers.sgd_form import SchemaService, read_dialogues, read_schema
from components.importers.sgd_turns import requests_of
from components.importers.source import Dropped, SourceError
from components.records.request import Request
from components.records.skill import Intent, Skill


class Sgd:
    """Reads `SRC/{train,dev,test}/{schema.json,dialogues_*.json}`, whichever of the splits are there.

    Args:
        src: The set's own folder.

    Raises:
        SourceError: No split is there, or one lacks its schema or its dialogues.
    """

    licence = (
        "CC BY-SA 4.0 (share-alike). The Schema-Guided Dialogue dataset, Rastogi et al. 2020, Google LLC."
    )
    rules = (
        "A skill is a service; a domain is a family of services (Restaurants_1 is of Restaurants).",
        "A request is a user's turn. Of several frames, the one whose service or active intent changed in "
        "this turn; where both changed, the later, and the other's service is in also_correct.",
        "The intent NONE leaves `intent` out. Slots are those with a span in this utterance.",
        "context.turn counts the user's turns of the dialogue from 0; context.new_intent is true where the "
        "request's service or intent was not active in the user's last turn and the intent is not NONE.",
        "The customer is the dialogue; the split is part of its id, since each split numbers dialogues anew.",
        "also_correct holds the services that offer the same intent, except: "
        + "; ".join(apart.reason for apart in APART)
        + ".",
        "A turn with a span outside the utterance, or of text that the state lacks, is dropped and counted.",
    )

    def __init__(self, src: Path) -> None:
        self._files = {split: sorted((src / split).glob("dialogues_*.json")) for split in NATIVE_SPLITS}
        schemas = sorted(src.rglob("schema.json"))
        if not schemas or not any(self._files.values()):
            raise SourceError(src, "", "must hold train, dev or test with schema.json and dialogues_*.json")
        self._services = _services(schemas)
        self._by_intent: dict[str, list[str]] = defaultdict(list)
        for service, skill in self._services.items():
            for intent in skill.intents:
                self._by_intent[intent.name].append(service)

    def skills(self) -> list[Skill]:
        return [self._services[name] for name in sorted(self._services)]

    def splits(self) -> tuple[str, ...]:
        return tuple(split for split, files in self._files.items() if files)

    def requests(self) -> Iterator[Request | Dropped]:
        for split, files in self._files.items():
            for path in files:
                for dialogue in read_dialogues(path):
                    for request in requests_of(dialogue, split, self._alternatives):
                        self._check(path, request)
                        yield request

    def _alternatives(self, service: str, intent: str) -> tuple[str, ...]:
        offering = self._by_intent.get(intent, ())
        return tuple(other for other in offering if other != service and interchangeable(service, other))

    def _check(self, path: Path, request: Request | Dropped) -> None:
        if isinstance(request, Request) and request.skill_id not in self._services:
            raise SourceError(
                path, f"turn {request.request_id}", f"service {request.skill_id!r} must be in a schema.json"
            )


def _services(schemas: list[Path]) -> dict[str, Skill]:
    """One skill per service; a service that several schemas describe is taken from the first."""
    services: dict[str, Skill] = {}
    for path in schemas:
        for service in read_schema(path):
            services.setdefault(service.service_name, _skill(service))
    return services


def _skill(service: SchemaService) -> Skill:
    intents = tuple(
        Intent(name=intent.name, slots=tuple(dict.fromkeys(intent.slots))) for intent in service.intents
    )
    return Skill(
        skill_id=service.service_name,
        domain=family(service.service_name),
        name=service.service_name.replace("_", " "),
        description=service.description or None,
        intents=intents,
    )
