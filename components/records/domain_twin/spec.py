"""What the twin of a domain model is made of beside `model.tflite` and the tables of a text's words."""

from pathlib import Path
from typing import Literal

import msgspec

from components.records.domain_schema import DomainSchema
from components.records.encoding.settings import EncoderSettings
from components.records.servable import Signature
from components.records.twin.row_table import Weights
from components.records.twin.spec import READ, SPEC, read_description, require_format

FORMAT = 2
_SHORT = 12


def lengths_of(words: int) -> tuple[int, ...]:
    """Words that `model.tflite` reads at once: as many as a text may have, and the few that most have."""
    return (_SHORT, words) if words > _SHORT else (words,)


def reading(length: int) -> str:
    """The name of the signature that reads so many words."""
    return f"{READ}_{length}"


class DomainTwinSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The content of `encoder/twin.json`.

    Attributes:
        signature: What the model can be asked, as its SavedModel has it.
        text: Sizes of the text encoding.
        schema: What the model can say.
        weights: How the rows of the large table are stored.
        kind: Tells it from the twin of another kind of model.
        format: Number of this layout; a reader refuses one it does not know.
    """

    signature: Signature
    text: EncoderSettings
    schema: DomainSchema
    weights: Weights
    kind: Literal["domain"] = "domain"
    format: int = FORMAT

    def __post_init__(self) -> None:
        require_format(self.format, FORMAT)

    @property
    def lengths(self) -> tuple[int, ...]:
        """As `lengths_of`, of the words that a text may have."""
        return lengths_of(self.text.max_words)


def read_domain_spec(folder: Path) -> DomainTwinSpec:
    """The `encoder/twin.json` of a domain model's version folder.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It is not one of this format.
    """
    return read_description(folder / SPEC, DomainTwinSpec, "a domain model's twin")
