"""Evaluations of judgements made by hand, without TFMA."""

from collections.abc import Iterable, Mapping

from components.evaluate.evaluation import Evaluation, complete
from components.evaluate.judgement import Judgement
from components.evaluate.options import EvaluateOptions
from components.evaluate.slicing import slices_of
from components.evaluate.table import table_of
from components.evaluate.tally import tally


def metrics_of(judgements: Iterable[Judgement]) -> dict[str, float]:
    """Their figures, as those of one slice."""
    return tally(table_of(list(judgements))).metrics()


def evaluation_of(
    judgements: Iterable[Judgement],
    slices: Mapping[str, dict[str, float]] | None = None,
    options: EvaluateOptions = EvaluateOptions(resamples=20),  # noqa: B008 (frozen)
) -> Evaluation:
    """Their evaluation; `slices` are figures by slice beside those of all."""
    table = table_of(list(judgements))
    metrics = {"all": metrics_of(judgements), **(slices or {})}
    return complete(metrics, table, slices_of(table), options)
