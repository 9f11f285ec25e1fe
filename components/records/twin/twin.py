"""A Shortlister's twin as a servable."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

import numpy as np
import numpy.typing as npt

from components.records.array import Array
from components.records.servable import INVALID_ARGUMENT, ServableError
from components.records.twin.attention import Attention
from components.records.twin.heads import Heads, selu
from components.records.twin.litert import LiteRt
from components.records.twin.servable import TwinServable
from components.records.twin.skill_ids import SkillIds
from components.records.twin.spec import ENABLED, HIDE, LEXICON, SKILLS, TwinSpec, read_spec
from components.records.twin.text import TextVectors
from components.records.twin.word_table import WordTable
from components.records.version_folder import TWIN

_WARMUP = b"what will the weather be like on the way to the airport tomorrow morning"


class Twin(TwinServable):
    """Answers the SavedModel's `serving_default` from `model.tflite` and `encoder/`.

    The two differ by rounding alone; where tables are stored in 8 bits, the SavedModel holds the same values.

    Args:
        folder: The version folder.
        spec: Its `twin.json`.
    """

    def __init__(self, folder: Path, spec: TwinSpec) -> None:
        super().__init__(folder, spec.signature)
        self._model = LiteRt(folder / TWIN)
        self._hidden = spec.hidden
        self._text = TextVectors(folder, spec, self._model)
        self._attention = Attention.open(folder / ENABLED, spec.attention) if spec.attention else None
        self._heads = Heads(folder, spec, self._model)
        self._skills = SkillIds.open(folder / SKILLS)
        self._lexicon = WordTable.open(folder / LEXICON) if spec.lexicon is True else None

    @classmethod
    def read(cls, version_dir: Path) -> Self:
        return cls(version_dir, read_spec(version_dir))

    def warm_up(self) -> None:
        for enabled in ([], [self._skills.id_of(0)]):
            self._answer(_WARMUP, enabled, k=1)

    def predict(
        self, signature: str, inputs: Mapping[str, Array], *, outputs: Sequence[str] = ()
    ) -> dict[str, Array]:
        wanted = self.checked(signature, inputs, outputs)
        utterance, enabled, k = _checked(*(inputs[name] for name in ("utterance", "enabled", "k")))
        width = min(max(int(k), 0), len(self._skills))
        skill_ids = np.empty((len(utterance), width), object)
        scores = np.empty((len(utterance), width), np.float32)
        reject = np.empty(len(utterance), np.float32)
        for number, (text, skills) in enumerate(zip(utterance.tolist(), enabled.tolist(), strict=True)):
            enabled_ids = [skill for skill in skills if skill]
            rows, scores[number], reject[number] = self._answer(text, enabled_ids, k=width)
            skill_ids[number] = [self._skills.id_of(row) for row in rows.tolist()]
        found: dict[str, Array] = {"skill_ids": skill_ids, "scores": scores, "reject": reject}
        return {name: found[name] for name in wanted}

    def _answer(
        self, utterance: bytes, enabled: Sequence[bytes], *, k: int
    ) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.float32], float]:
        """The rows and scores of the best k skills, and the reject score."""
        rows = np.array(self._skills.rows_of(enabled), np.int64)
        request, words = self._text(utterance)  # [H]
        attention = said = None
        if self._attention is not None:
            summary, attention = self._attention(request, rows)  # [H], [E]
            request = np.concatenate([request, summary])  # [2H]
        if self._hidden:
            request = selu(self._model(HIDE, request=request[None])["hidden"][0])  # [H]
        if self._lexicon is not None:
            said = self._lexicon.scores(words, len(self._skills))
        return self._heads.top(request, rows, k, attention, said)


def _checked(utterance: Array, enabled: Array, k: Array) -> tuple[Array, Array, Array]:
    if utterance.ndim != 1 or enabled.ndim != 2 or k.ndim != 0 or len(utterance) != len(enabled):
        raise ServableError(
            INVALID_ARGUMENT,
            "utterance must be [B], enabled [B, E] and k a scalar. "
            f"Received: {list(utterance.shape)}, {list(enabled.shape)} and {list(k.shape)}",
        )
    if not all(isinstance(value, bytes) for value in (*utterance.flat, *enabled.flat)):
        raise ServableError(INVALID_ARGUMENT, "utterance and enabled must be strings")
    return utterance, enabled, k
