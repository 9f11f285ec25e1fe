"""What a model of a kind must take and answer, so that another's file is refused when it is loaded."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from components.records.servable import DEFAULT_SIGNATURE, Signature, Tensor
from components.records.version_folder import MANIFEST

_TYPES: Mapping[str, tuple[Mapping[str, str], Mapping[str, str]]] = {
    "shortlister": (
        {"utterance": "string", "enabled": "string", "k": "int32"},
        {"skill_ids": "string", "scores": "float"},
    ),
    "domain": (
        {"utterance": "string", "skill_ids": "string"},
        {
            "domain_scores": "float",
            "readings": "int32",
            "intents": "string",
            "intent_scores": "float",
            "slot_scores": "float",
            "slot_names": "string",
            "slot_starts": "int32",
            "slot_ends": "int32",
            "slot_values": "string",
        },
    ),
    "hyprank": (
        {"features": "float", "mask": "bool", "skill_ids": "string"},
        {"scores": "float", "confidence": "float", "none": "float"},
    ),
}
"""Inputs, and outputs that must be there; a version may answer more."""


class _Kind(msgspec.Struct):
    kind: str


def check_signature(folder: Path, signatures: Mapping[str, Signature]) -> None:
    """Holds a loaded version against the kind that its `arbiter.json` says; others' models have none.

    Raises:
        ValueError: It is of another kind than it says, or `arbiter.json` is damaged.
    """
    try:
        manifest = (folder / MANIFEST).read_bytes()
    except FileNotFoundError:
        return
    try:
        kind = msgspec.json.decode(manifest, type=_Kind).kind
    except msgspec.DecodeError as error:
        raise ValueError(f"{MANIFEST} is no manifest: {error}") from error
    if kind not in _TYPES:
        return
    inputs, outputs = _TYPES[kind]
    signature = signatures.get(DEFAULT_SIGNATURE)
    if signature is None:
        raise ValueError(f"a {kind} must have the signature {DEFAULT_SIGNATURE}")
    taken, answered = _dtypes(signature.inputs), _dtypes(signature.outputs)
    if taken != inputs:
        raise ValueError(f"a {kind} must take {_listed(inputs)}. This model takes {_listed(taken)}")
    if not outputs.items() <= answered.items():
        raise ValueError(f"a {kind} must answer {_listed(outputs)}. This model answers {_listed(answered)}")


def _dtypes(tensors: Mapping[str, Tensor]) -> dict[str, str]:
    return {name: tensor.dtype for name, tensor in tensors.items()}


def _listed(types: Mapping[str, str]) -> str:
    return ", ".join(f"{name} {dtype}" for name, dtype in sorted(types.items()))
