"""Makes a trained network's answers honest: what is learnt on the dev split goes into its last layers."""

from typing import Any

import msgspec
import numpy as np
import numpy.typing as npt

from components.domain.corpus import DomainCorpus
from components.domain.train import Answers, tag_masks, targets_of
from components.records.domain_schema import DomainSchema
from components.records.logistic import fit_platt
from components.records.manifest import Calibration

Floats = npt.NDArray[np.float64]

_SHARPNESS = np.exp(np.linspace(np.log(0.2), np.log(5.0), 65))


class Calibrated(msgspec.Struct, frozen=True, kw_only=True):
    """What was done to the answers.

    Attributes:
        domain: The map of the domain's log-odds, to the declared prior.
        intents, tags: What their scores were multiplied with; 1 where no dev request tells.
    """

    domain: Calibration
    intents: float = 1.0
    tags: float = 1.0


def calibrate(answers: Answers, dev: DomainCorpus, schema: DomainSchema, *, prior: float) -> Calibrated:
    """Fits the maps and puts them into the last layers of the network that answers.

    The domain's log-odds get Platt's map, moved from the share of own requests in `dev` to `prior`; intents
    and tags one temperature each, by likelihood (Guo et al., 2017, https://arxiv.org/abs/1706.04599). Without
    both own and foreign dev requests the domain's log-odds are left alone.
    """
    if not len(dev):
        return Calibrated(domain=Calibration())
    domain = np.zeros(len(dev))
    intents: list[tuple[Floats, npt.NDArray[Any]]] = []
    tags: list[tuple[Floats, npt.NDArray[Any]]] = []
    masks = tag_masks(schema)
    for rows, scores in answers(dev):
        targets = targets_of(dev, rows, masks)
        domain[rows] = scores.domain
        known = targets.intent >= 0
        intents.append((scores.intents[known].astype(np.float64), targets.intent[known]))
        possible = np.where(targets.allowed[:, None], scores.tags, -1e9).astype(np.float64)
        fits = np.take_along_axis(
            np.broadcast_to(targets.allowed[:, None], possible.shape),
            np.maximum(targets.tags, 0)[..., None],
            axis=-1,
        )[..., 0]
        taught = (targets.tags >= 0) & fits
        tags.append((possible[taught], targets.tags[taught]))
    platt = Calibration()
    share = float(dev.own.mean())
    if 0 < share < 1:
        platt = fit_platt(domain, dev.own)
        moved = np.log(prior / (1 - prior)) - np.log(share / (1 - share))
        platt = msgspec.structs.replace(platt, intercept=platt.intercept + float(moved))
    found = Calibrated(domain=platt, intents=_sharpness(intents), tags=_sharpness(tags))
    network = answers.network
    _scale(network.domain, platt.slope)
    network.domain.bias.assign(np.asarray(network.domain.bias) + platt.intercept)
    _scale(network.intents, found.intents)
    _scale(network.word_tags, found.tags)
    _scale(network.request_tags, found.tags)
    return found


def _sharpness(parts: list[tuple[Floats, npt.NDArray[Any]]]) -> float:
    """What scores are multiplied with so that their softmax is likeliest; the nearest to 1 of the equal."""
    scores = np.concatenate([part for part, _ in parts])
    right = np.concatenate([numbers for _, numbers in parts])
    if not len(right):
        return 1.0
    picked = np.take_along_axis(scores, right[:, None], axis=-1)[:, 0]
    possible = scores > -1e8

    def cost(factor: float) -> float:
        scaled = np.where(possible, scores * factor, -np.inf)
        return float(np.mean(np.logaddexp.reduce(scaled, axis=-1) - picked * factor))

    return float(min(_SHARPNESS, key=lambda factor: (round(cost(factor), 9), abs(np.log(factor)))))


def _scale(layer: Any, factor: float) -> None:
    layer.kernel.assign(np.asarray(layer.kernel) * factor)
    if layer.bias is not None:
        layer.bias.assign(np.asarray(layer.bias) * factor)
