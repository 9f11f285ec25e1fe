"""The weights that a network has for each skill, apart from all others."""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from components.shortlister.corpus import Corpus
from components.shortlister.lexicon import Lexicon
from components.shortlister.network import Network

Floats = npt.NDArray[np.float32]


@dataclass(frozen=True)
class SkillRows:
    """What a network knows of some skills and of these alone. None: the network has no such weight.

    Shapes: M skills, H utterance vector, R request vector, O outputs of a head (2 with SeLU, else 1).

    Attributes:
        embedding: float [M, H], of the attention over enabled skills.
        kernel: float [M, O·R], of the heads.
        bias: float [M, O].
        flag: float [M, O], what it adds that the skill is enabled.
    """

    embedding: Floats | None
    kernel: Floats
    bias: Floats | None
    flag: Floats | None

    def __len__(self) -> int:
        return len(self.kernel)

    def take(self, skills: npt.NDArray[np.int64]) -> "SkillRows":
        """The rows of these skills."""
        return SkillRows(*_each(lambda value: value[skills], self))

    def joined(self, other: "SkillRows") -> "SkillRows":
        """These rows, then `other`'s, of the same network."""
        return SkillRows(*_each(lambda *values: np.concatenate(values), self, other))


def _each(function: Callable[..., Floats], *rows: SkillRows) -> Iterator[Any]:
    """`function` of each kind of weight; None where the network has no such weight."""
    for field in dataclasses.fields(SkillRows):
        values = [getattr(part, field.name) for part in rows]
        yield None if values[0] is None else function(*values)


def skill_rows(network: Network) -> SkillRows:
    """The rows of all skills of a network."""
    heads = network.heads
    return SkillRows(
        embedding=None if network.attention is None else network.attention.table.numpy()[1:],
        kernel=heads.kernel.numpy(),
        bias=None if heads.bias is None else heads.bias.numpy(),
        flag=None if heads.flag is None else heads.flag.numpy()[1:],
    )


def with_rows(network: Network, rows: SkillRows, lexicon: Lexicon | None = None) -> Network:
    """A network that knows these skills, in this order, and reads requests exactly as `network` does.

    Args:
        network: Its own lexicon is left behind.
        rows: Of the skills.
        lexicon: Of the same skills; None: there is none.
    """
    entries = 0 if lexicon is None else len(lexicon.table.weights)
    settings: dict[str, Any] = {**network.settings, "skills": len(rows), "entries": entries}
    made = Network(**settings)
    tables = [network.heads.kernel, network.heads.bias, network.heads.flag]
    tables += [] if network.attention is None else [network.attention.table]
    own = {table.path for table in tables if table is not None}
    for old, new in zip(_trained(network), _trained(made), strict=True):
        if old.path not in own:
            new.assign(old.numpy())
    filled: list[tuple[Any, Any, Floats | None]] = [
        (made.heads.kernel, None, rows.kernel),
        (made.heads.bias, None, rows.bias),
        (made.heads.flag, network.heads.flag, rows.flag),
    ]
    if made.attention is not None and network.attention is not None:
        filled.append((made.attention.table, network.attention.table, rows.embedding))
    for table, padding, values in filled:
        if values is not None:
            table.assign(values if padding is None else np.concatenate([padding.numpy()[:1], values]))
    if lexicon is not None and made.lexicon is not None:
        lexicon.enter(made.lexicon)
    return made


def with_lexicon(network: Network, texts: Corpus, *, scale: float) -> Network:
    """The network with a lexicon of these texts; see `lexical_texts`."""
    buckets = network.word_table.input_dim
    lexicon = Lexicon.of(texts, skills=network.skills, buckets=buckets, scale=scale)
    return with_rows(network, skill_rows(network), lexicon)


def lexicon_of(network: Network) -> Lexicon | None:
    """The lexicon of a network that has one."""
    return None if network.lexicon is None else Lexicon.read(network.lexicon)


def _trained(network: Network) -> list[Any]:
    """All weights but those of the lexicon."""
    fixed = [] if network.lexicon is None else [id(weight) for weight in network.lexicon.weights]
    return [weight for weight in network.weights if id(weight) not in fixed]
