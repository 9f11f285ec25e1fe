"""`drift.json`: the measured requests week by week, each held against the weeks before it."""

from collections.abc import Collection, Container, Iterable
from pathlib import Path

import msgspec

from components.evaluate.judgement import ANSWERABLE, Judgement
from components.records.atomic import atomic_write
from components.records.drift import Drift, DriftOptions, by_week
from components.records.drift_window import Seen, count_words
from components.records.label import LabelledRequest
from components.records.prediction import Prediction
from components.records.text import tokens

DRIFT_FILE = "drift.json"


def drift_of(
    judged: Iterable[tuple[LabelledRequest, Prediction, Judgement]],
    train_texts: Collection[str] | None,
    options: DriftOptions,
) -> Drift:
    """The drift of requests and what became of them, in any order.

    Args:
        train_texts: What the models may have read; None: the share of unknown words is not known.
    """
    known = None if train_texts is None else {word for text in train_texts for word in tokens(text)}
    return by_week(
        (
            (labelled.request.timestamp, seen_of(labelled, prediction, judgement, known))
            for labelled, prediction, judgement in judged
        ),
        options,
    )


def write_drift(folder: Path, drift: Drift) -> None:
    """Writes `drift.json` into the evaluation's folder."""
    atomic_write(folder / DRIFT_FILE, msgspec.json.format(msgspec.json.encode(drift), indent=1))


def read_drift(folder: Path) -> Drift:
    """The drift in an evaluation's folder. Raises `FileNotFoundError` or `msgspec.DecodeError`."""
    return msgspec.json.decode((folder / DRIFT_FILE).read_bytes(), type=Drift)


def seen_of(
    labelled: LabelledRequest, prediction: Prediction, judgement: Judgement, known: Container[str] | None
) -> Seen:
    """What drift sees of a request and what became of it.

    Args:
        known: Words that the models' training has shown; None: nobody knows, and none are counted.
    """
    request, best = labelled.request, prediction.best
    words, unknown = (0, 0) if known is None else count_words(labelled.label.text, known)
    answerable = judgement.kind == ANSWERABLE
    return Seen(
        device=request.device,
        locale=request.locale,
        domain=None if best is None else best.domain,
        customer=request.customer_id,
        words=words,
        unknown=unknown,
        accepted=prediction.accepted,
        confidence=judgement.confidence,
        truth=judgement.truth if answerable else None,
        predicted=judgement.predicted,
        right=answerable and judgement.right,
    )
