"""A hand-written SGD folder: small enough to read, with one dialogue for each rule."""

import json
from pathlib import Path
from typing import Any


def frame(
    service: str, intent: str, *, slots: list[dict[str, Any]] | None = None, **values: str
) -> dict[str, Any]:
    """A user's frame; `values` are the state's slot values."""
    state = {
        "active_intent": intent,
        "requested_slots": [],
        "slot_values": {k: [v] for k, v in values.items()},
    }
    return {"service": service, "slots": slots or [], "state": state}


def span(slot: str, start: int, end: int) -> dict[str, Any]:
    return {"slot": slot, "start": start, "exclusive_end": end}


def user(utterance: str, *frames: dict[str, Any]) -> dict[str, Any]:
    return {"speaker": "USER", "utterance": utterance, "frames": list(frames)}


def system(utterance: str = "Sure.") -> dict[str, Any]:
    return {
        "speaker": "SYSTEM",
        "utterance": utterance,
        "frames": [{"service": "Taxi_1", "actions": [], "slots": []}],
    }


def service(name: str, *intents: str, description: str = "") -> dict[str, Any]:
    return {
        "service_name": name,
        "description": description,
        "slots": [],
        "intents": [
            {
                "name": intent,
                "required_slots": ["city"],
                "optional_slots": {"time": "dontcare"},
                "result_slots": ["city", "phone"],
            }
            for intent in intents
        ],
    }


def write(src: Path, split: str, services: list[Any], dialogues: list[Any]) -> Path:
    folder = src / split
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "schema.json").write_text(json.dumps(services))
    (folder / "dialogues_001.json").write_text(json.dumps(dialogues))
    return src


def dialogue(dialogue_id: str, *turns: dict[str, Any]) -> dict[str, Any]:
    return {"dialogue_id": dialogue_id, "services": [], "turns": list(turns)}
