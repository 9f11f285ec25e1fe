"""What a twin is made of: the files beside `model.tflite` and what they say."""

from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from components.records.encoding.settings import EncoderSettings
from components.records.manifest import Refusal
from components.records.servable import Signature
from components.records.twin.row_table import Weights
from components.records.version_folder import TWIN_SPEC

FOLDER = "encoder"
Spec = TypeVar("Spec", bound=msgspec.Struct)

SPEC = TWIN_SPEC
FOLDS = f"{FOLDER}/folds.npy"
FORMS = f"{FOLDER}/forms.npz"
WORDS = f"{FOLDER}/words"
GRAMS = f"{FOLDER}/grams"
ENABLED = f"{FOLDER}/enabled"
HEADS_SCALES = f"{FOLDER}/heads.scales.npy"
BIAS = f"{FOLDER}/heads.bias.npy"
FLAGS = f"{FOLDER}/heads.flags.npy"
SKILLS = f"{FOLDER}/skills"
LEXICON = f"{FOLDER}/lexicon"

FORMAT = 1
FORMAT_WITH_LEXICON = 2
READ, HIDE, SCAN = "read", "hide", "scan"
HEADS = "heads"
"""Name of the heads' rows in `model.tflite`."""


class TwinSpec(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The content of `encoder/twin.json`.

    Shapes: K skills, H utterance vector, R request vector, O outputs a head.

    Attributes:
        format: Number of this layout; a reader refuses one it does not know.
        signature: What the model can be asked, as its SavedModel has it.
        text: Sizes of the text encoding.
        skills: K.
        steps: Words that `model.tflite` reads at once.
        lstm_size: Of the BiLSTM, a direction.
        attention: How the enabled skills are weighed; None: they are not.
        hidden: Whether a hidden layer lies between the request vector and the heads.
        normalised: Whether the heads see the request vector at length one.
        flags: Whether an enabled skill's head gets a bonus.
        pointer: What an enabled skill's score is raised by: the first, and the second for each unit of its
            attention score; None: nothing.
        outputs: O: 1, or 2 for heads that answer the difference of two SeLUs.
        choice: Whether scores are set against the sum of all others, as a softmax needs it.
        shift: Taken off every score.
        refusal: When a request is refused; None: the model has not learnt it.
        weights: How the rows of the large tables are stored.
        lexicon: Whether a table of words adds to the scores; see `WordTable`. Where there is none the file
            does not say so: it is one of format 1.
    """

    signature: Signature
    text: EncoderSettings
    skills: int
    steps: int
    lstm_size: int
    attention: Literal["softmax", "sigmoid"] | None
    hidden: bool
    normalised: bool
    flags: bool
    pointer: tuple[float, float] | None
    outputs: Literal[1, 2]
    choice: bool
    shift: float
    refusal: Refusal | None
    weights: Weights
    format: int = FORMAT
    lexicon: bool | msgspec.UnsetType = msgspec.UNSET

    def __post_init__(self) -> None:
        require_format(self.format, FORMAT if self.lexicon is msgspec.UNSET else FORMAT_WITH_LEXICON)


def read_spec(folder: Path) -> TwinSpec:
    """The `encoder/twin.json` of a version folder.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It is not one of this format.
    """
    return read_description(folder / SPEC, TwinSpec, "a twin")


def read_description(path: Path, kind: type[Spec], name: str) -> Spec:
    """The file that describes a twin of some kind, which `name` calls it by.

    Raises:
        FileNotFoundError: There is none.
        ValueError: It is not one of this kind and format.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=kind)
    except msgspec.DecodeError as error:
        raise ValueError(f"{path} does not describe {name}: {error}") from error


def require_format(found: int, known: int) -> None:
    """Raises a ValueError unless a twin's layout is the one that its reader knows."""
    if found != known:
        raise ValueError(f"`format` must be {known}: another Arbiter wrote this twin. Received: {found}")
