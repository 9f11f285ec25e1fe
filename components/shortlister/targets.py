"""What a training loss is given beside the network's answers. Shapes: B requests, P further right skills."""

from typing import Any, NamedTuple


class Targets(NamedTuple):
    """The right answers of a batch.

    Attributes:
        skill: int32 [B], number of the right skill, or `NO_SKILL`.
        extra: int32 [B, P], further right skills (number + 1); 0 = padding.
        extra_weight: float32 [B, P], how much each of them counts.
        negative: int32 [B], number of the skill that failed, or `NO_SKILL`.
        out_of_scope: bool [B].
        weight: float32 [B], how much the request counts.
    """

    skill: Any
    extra: Any
    extra_weight: Any
    negative: Any
    out_of_scope: Any
    weight: Any


class LossWeights(NamedTuple):
    """How much each term of the loss counts in one epoch; float32 scalars.

    Attributes:
        distillation: β of the outputs: towards the teacher's scores.
        negative: γ of the skills that failed.
        attention: α(1 - β) of the supervised attention.
        attention_distillation: αβ of the attention towards the teacher's.
        out_of_scope: Of requests that no skill can serve.
    """

    distillation: float = 0.0
    negative: float = 1.0
    attention: float = 0.0
    attention_distillation: float = 0.0
    out_of_scope: float = 1.0
