"""The requests that one domain's model learns from, as arrays that a batch is cut from."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from components.domain.tags import UNKNOWN, tags_of
from components.records.domain_schema import NO_INTENT, DomainSchema
from components.records.encoding.fold import fold_table
from components.records.encoding.settings import EncoderSettings
from components.records.encoding.words import Word, WordReader
from components.records.label import LabelledRequest
from components.records.propensity import choice_propensity, choice_weights

Ints = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int64]

NO_CLASS = -1
"""The skill of a foreign request, and an intent that nobody wrote down."""


@dataclass(frozen=True)
class DomainCorpus:
    """N requests, own and foreign. Each distinct word is held once.

    Shapes: M most words of a request, V distinct words, C characters.

    Attributes:
        spelling: Row of `chars` of each word, 0 = none: int32 [N, M].
        chars: uint8 [V + 1, C] after a first row of padding.
        grams: N-grams of each row of `chars`.
        own: Whether a request is the domain's, [N].
        skill, intent: Numbers in the schema, or `NO_CLASS`: [N].
        tags: Of each word, `UNKNOWN` where no one knows, which it is for padding too: [N, M].
        all_slots: Names of the slots of all domains, in the order of `all_tags`.
        all_tags: Of each word among those, of foreign requests too; `UNKNOWN` as in `tags`: [N, M].
        spans: Where each word stands in the text, [N, M, 2].
        weight: How much a request counts, by `choice_weights`: float32 [N].
    """

    spelling: Ints
    chars: npt.NDArray[np.uint8]
    grams: Sequence[Ints]
    own: npt.NDArray[np.bool_]
    skill: Ints
    intent: Ints
    tags: Ints
    all_slots: tuple[str, ...]
    all_tags: Ints
    spans: Ints
    weight: npt.NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.own)

    @property
    def lengths(self) -> Rows:
        """Words of each request: [N]."""
        lengths: Rows = (self.spelling > 0).sum(axis=1)
        return lengths

    def inputs(self, rows: Rows) -> dict[str, Any]:
        """The network's inputs for these rows, as short as the longest of them."""
        width = max(int(self.lengths[rows].max(initial=0)), 1)
        spelling = self.spelling[rows, :width]
        used = np.unique(np.append(spelling, 0))
        chars = self.chars[used]
        longest = max(int((chars > 0).any(axis=0).sum()), 1)
        grams = [self.grams[row] for row in used.tolist()]
        return {
            "spelling": np.searchsorted(used, spelling).astype(np.int32),
            "chars": chars[:, :longest].astype(np.int32),
            "grams": np.concatenate(grams),
            "gram_rows": np.repeat(np.arange(len(used), dtype=np.int32), [len(each) for each in grams]),
        }


def domain_corpus(
    requests: Iterable[LabelledRequest], schema: DomainSchema, settings: EncoderSettings
) -> DomainCorpus:
    """Encodes requests, each with a right skill or out of scope; those of another domain are foreign.

    Intent and slots are known where the label is the record's own; a label that follows from an invocation
    says nothing of them. A text that is a part of the utterance, the command alone, keeps the slots in it.
    """
    skills = {skill_id: number for number, skill_id in enumerate(schema.skill_ids)}
    intents = {name: number for number, name in enumerate(schema.intents)}
    reader: WordReader[Word] = WordReader(settings, fold_table(), list)
    known: dict[tuple[bytes, bytes], int] = {}
    requests = list(requests)
    all_slots = tuple(sorted({slot.name for each in requests for slot in each.request.slots}))
    width = settings.max_words
    spelling = np.zeros((len(requests), width), np.int32)
    tags, all_tags = (np.full((len(requests), width), UNKNOWN, np.int32) for _ in range(2))
    spans = np.zeros((len(requests), width, 2), np.int32)
    skill, intent = (np.full(len(requests), NO_CLASS, np.int32) for _ in range(2))
    for row, labelled in enumerate(requests):
        text, request = labelled.label.text, labelled.request
        encoded = text.encode()
        words, places = reader(encoded), reader.spans(encoded)
        keys = [
            (word.chars.astype(np.uint8).tobytes(), word.grams.astype(np.int32).tobytes()) for word in words
        ]
        spelling[row, : len(words)] = [known.setdefault(key, len(known) + 1) for key in keys]
        spans[row, : len(words)] = np.array(places, np.int32).reshape(-1, 2)
        skill[row] = skills.get(labelled.label.skill_id or "", NO_CLASS)
        if labelled.label.skill_id is None or labelled.label.skill_id != request.skill_id:
            continue
        offset = max(request.utterance.rfind(text), 0)
        all_tags[row, : len(words)] = tags_of(places, request.slots, all_slots, offset=offset)
        if skill[row] != NO_CLASS:
            intent[row] = intents.get(request.intent or NO_INTENT, NO_CLASS)
            tags[row, : len(words)] = tags_of(places, request.slots, schema.slots, offset=offset)
    chars = np.frombuffer(b"".join((bytes(settings.max_chars), *(chars for chars, _ in known))), np.uint8)
    return DomainCorpus(
        spelling=spelling,
        chars=chars.reshape(-1, settings.max_chars),
        grams=[np.zeros(0, np.int32), *(np.frombuffer(grams, np.int32) for _, grams in known)],
        own=skill != NO_CLASS,
        skill=skill,
        intent=intent,
        tags=tags,
        all_slots=all_slots,
        all_tags=all_tags,
        spans=spans,
        weight=choice_weights(
            choice_propensity(each.request, each.label.skill_id, each.label.negative_skill)
            for each in requests
        ),
    )
