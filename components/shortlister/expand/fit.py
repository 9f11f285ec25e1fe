"""Fits the heads of new skills on frozen features; nothing else of the network moves."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from components.shortlister.expand.frozen import FrozenRequests, afterwards
from components.shortlister.expand.heads_loss import Heads, Weights, loss_and_slope, loss_form
from components.shortlister.expand.minimise import minimise
from components.shortlister.expand.old_scores import see
from components.shortlister.expand.rows import SkillRows
from components.shortlister.network import Network
from components.shortlister.options import ShortlisterOptions

Floats = npt.NDArray[np.float32]

_SCORES = 1 << 16  # scores of new skills that are held at a time: few enough for the cache
_ROWS = 256  # requests at least
_CLAIMED = -4.6  # log 1/100: an old request that new skills want less, beside its own, teaches none
_LEAST_CURVATURE = 1e-2  # of the mean one
_FIRST_STEP = 0.125  # of a Newton step, which from a timid start is too long


@dataclass(frozen=True, kw_only=True)
class FitOptions:
    """How new skills are fitted.

    Attributes:
        steps: Of the minimiser. What more of them gain on these few requests is not gained on others.
        hold: Strength of the pull of each new weight to its start, in requests.
        protect: How much a request of an old skill counts beside one of a new skill.
        crowd: How much more it counts for each new skill that comes beside an old one. Old skills know these
            requests by heart, and hold their ground better on them than on others; the more skills are new,
            the more each old one loses by that.
        newcomers: How often new skills are put into the lists of old requests, beside how often lists have
            old skills; 0: never.
        seed: Of the lists.
    """

    steps: int = 4
    hold: float = 1.0
    protect: float = 1.0
    crowd: float = 6.0
    newcomers: float = 1.0
    seed: int = 0


def fit_rows(
    network: Network,
    start: SkillRows,
    requests: FrozenRequests,
    *,
    options: ShortlisterOptions,
    trust: float = 0.0,
    fit: FitOptions = FitOptions(),
) -> SkillRows:
    """The heads of new skills that make the training's own loss smallest, near where they start.

    Embeddings and flags stay as they start: so what the heads see of each request is fixed, all that the old
    skills' scores do to the loss is one number a request, and few steps of L-BFGS do what epochs of small
    steps would.

    Args:
        network: Knows the old skills; not changed.
        start: Of the new skills.
        requests: Of old skills (0 … K-1) and new ones (K … K+M-1), and their lists, number + 1.
        options: Of the network's training: which loss, and how often a list is another request's.
        trust: What `list_trust` added to the network after its training. The fit takes it off: a share of its
            lists is another customer's, as in training.
        fit: How.

    Returns: The new rows. The old ones are the network's.
    """
    if len(requests) == 0:
        return start
    skills = network.skills + len(start)
    requests = afterwards(
        requests,
        old=network.skills,
        skills=skills,
        newcomers=fit.newcomers,
        random_lists=options.random_lists,
        rng=np.random.default_rng(fit.seed),
    )
    form = loss_form(options.heads, ranking=options.ranking, skills=skills)
    seen = see(network, start, requests, trust=trust, claimed=_CLAIMED if form.ranking else -np.inf)
    right = np.maximum(requests.skill[seen.row] - network.skills + 1, 0).astype(np.int32)  # [N]
    weight = requests.weight[seen.row]
    pull = fit.hold / float(weight.sum())
    weight = weight / weight.sum()  # [N]
    heads = Heads(network, start, trust=trust)
    origin = heads.packed()
    size = max(_SCORES // len(start), _ROWS)
    parts = [slice(at, at + size) for at in range(0, len(right), size)]

    def loss(x: Weights) -> tuple[float, Weights]:
        value, gradient = 0.5 * pull * float(np.sum((x - origin) ** 2)), pull * (x - origin)
        for part in parts:
            scores, outputs = heads.scores(x, seen.inputs[part], seen.places[part], seen.attention[part])
            each, slope = loss_and_slope(scores, right[part], seen.rest[part], form)
            slope *= weight[part, None]
            value += float(each @ weight[part])
            gradient += heads.gradient(x, seen.inputs[part], outputs, slope)
        return value, gradient

    share = np.bincount(right, weights=weight, minlength=len(start) + 1)[1:].astype(np.float64)  # [M]
    inverse_curvature = _inverse_curvature(seen.inputs, weight, share)
    return heads.rows(minimise(loss, origin, inverse_curvature, steps=fit.steps))


def _inverse_curvature(
    inputs: Floats, weight: Floats, share: npt.NDArray[np.float64]
) -> Callable[[Weights], Weights]:
    """Roughly the inverse of the loss's second derivative: of the mean outer product of what the heads see,
    times the share of the requests that are for the head's skill.

    Args:
        inputs: [N, D].
        weight: [N], adds up to 1.
        share: [M].
    """
    outer = ((inputs * weight[:, None]).T @ inputs).astype(np.float64)  # [D, D]
    outer += _LEAST_CURVATURE * np.trace(outer) / len(outer) * np.eye(len(outer))
    inverse = np.linalg.inv(outer)
    size = _FIRST_STEP / np.maximum(share, share[share > 0].min(initial=1.0))[:, None, None]  # [M, 1, 1]
    return lambda gradient: (gradient @ inverse) * size
