"""The nodes that measure, judge and show: Evaluator and Review."""

from tfx.dsl.components.base import executor_spec
from tfx.dsl.components.base.base_beam_component import BaseBeamComponent
from tfx.dsl.components.base.base_component import BaseComponent
from tfx.dsl.placeholder.placeholder import Placeholder
from tfx.types import standard_artifacts
from tfx.types.channel import BaseChannel, Channel
from tfx.types.component_spec import ChannelParameter, ComponentSpec, ExecutionParameter

from components.evaluate.executor import EvaluatorExecutor, ReviewExecutor
from components.evaluate.options import EvaluateOptions, ReviewOptions
from components.records.artifacts import (
    CatalogueArtifact,
    DeadLetters,
    Distillation,
    DomainModels,
    DomainRuns,
    NegativeLabels,
    Predictions,
    PseudoLabels,
    ReliabilityArtifact,
    SemiLabels,
    SkillCounts,
    Verdict,
)
from components.records.artifacts import Review as ReviewArtifact
from components.records.options import read_options


class EvaluatorSpec(ComponentSpec):
    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attributes)
        "options": ExecutionParameter(type=str),
        "added": ExecutionParameter(type=str),
        "final": ExecutionParameter(type=int),
        "forced": ExecutionParameter(type=str),
    }
    INPUTS = {  # noqa: RUF012
        "predictions": ChannelParameter(type=Predictions),
        "catalogue": ChannelParameter(type=CatalogueArtifact),
        "popularity": ChannelParameter(type=SkillCounts),
        "examples": ChannelParameter(type=standard_artifacts.Examples, optional=True),
        "baseline": ChannelParameter(type=standard_artifacts.ModelEvaluation, optional=True),
        "earlier": ChannelParameter(type=Predictions, optional=True),
        "earlier_evaluation": ChannelParameter(type=standard_artifacts.ModelEvaluation, optional=True),
        "earlier_verdict": ChannelParameter(type=Verdict, optional=True),
    }
    OUTPUTS = {  # noqa: RUF012
        "evaluation": ChannelParameter(type=standard_artifacts.ModelEvaluation),
        "verdict": ChannelParameter(type=Verdict),
    }


class Evaluator(BaseBeamComponent):
    """Measures predictions by slice with TFMA and holds them against thresholds.

    Args:
        predictions: What the whole system answered (Predictions).
        catalogue: The skills (CatalogueArtifact).
        popularity: Train requests by skill (SkillCounts).
        options: JSON of `EvaluateOptions`; checked when the graph is built.
        examples: Labelled examples, for accuracy with and without texts that train has.
        baseline: Of the system in service on the same requests, which this one is compared with.
        earlier, earlier_evaluation, earlier_verdict: Predictions that were judged before, and what came of
            it. Where `predictions` are theirs, so are the results.
        added: JSON list of skills that the baseline does not know, beside those of the options; or what gives
            it when the node runs.
        final: Whether a failure refuses all candidates; if not, the rest is to be judged again.
        forced: Why the candidates are pushed whatever is decided; "": they are not.

    Outputs:
        evaluation: TFMA's result and `metrics.json` (ModelEvaluation).
        verdict: `verdict.json`, always written. Property `blessed` is 1 where every candidate is; the custom
            properties are blessed.NAME for each, and `forced`.
    """

    SPEC_CLASS = EvaluatorSpec
    EXECUTOR_SPEC = executor_spec.BeamExecutorSpec(EvaluatorExecutor)

    def __init__(
        self,
        predictions: BaseChannel,
        catalogue: BaseChannel,
        popularity: BaseChannel,
        options: str = "{}",
        examples: BaseChannel | None = None,
        baseline: BaseChannel | None = None,
        earlier: BaseChannel | None = None,
        earlier_evaluation: BaseChannel | None = None,
        earlier_verdict: BaseChannel | None = None,
        added: str | Placeholder = "[]",
        final: bool = True,
        forced: str = "",
    ) -> None:
        read_options(options, EvaluateOptions)
        super().__init__(
            spec=EvaluatorSpec(
                predictions=predictions,
                catalogue=catalogue,
                popularity=popularity,
                examples=examples,
                baseline=baseline,
                earlier=earlier,
                earlier_evaluation=earlier_evaluation,
                earlier_verdict=earlier_verdict,
                options=options,
                added=added,
                final=int(final),
                forced=forced,
                evaluation=Channel(type=standard_artifacts.ModelEvaluation),
                verdict=Channel(type=Verdict),
            )
        )


class ReviewSpec(ComponentSpec):
    PARAMETERS = {"options": ExecutionParameter(type=str)}  # noqa: RUF012
    INPUTS = {  # noqa: RUF012
        "evaluation": ChannelParameter(type=standard_artifacts.ModelEvaluation),
        "verdict": ChannelParameter(type=Verdict),
        "predictions": ChannelParameter(type=Predictions),
        "dead_letters": ChannelParameter(type=DeadLetters),
        "model": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "model_run": ChannelParameter(type=standard_artifacts.ModelRun, optional=True),
        "domain_models": ChannelParameter(type=DomainModels, optional=True),
        "hyprank": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "reliability": ChannelParameter(type=ReliabilityArtifact, optional=True),
        "gate": ChannelParameter(type=Verdict, optional=True),
        "pseudo_labels": ChannelParameter(type=PseudoLabels, optional=True),
        "negatives": ChannelParameter(type=NegativeLabels, optional=True),
        "distillation": ChannelParameter(type=Distillation, optional=True),
        "semi_labels": ChannelParameter(type=SemiLabels, optional=True),
        "domain_runs": ChannelParameter(type=DomainRuns, optional=True),
        "hyprank_run": ChannelParameter(type=standard_artifacts.ModelRun, optional=True),
    }
    OUTPUTS = {"review": ChannelParameter(type=ReviewArtifact)}  # noqa: RUF012


class Review(BaseComponent):
    """Writes one self-contained page, `review.html`, from everything that the run left, and `dashboard.json`.

    Args:
        evaluation: From Evaluator.
        verdict: From Evaluator.
        predictions: Confusions and example utterances come from its split `options.split`; a sample of the
            serving cost may lie beside the splits.
        dead_letters: From Ingest.
        options: JSON of `ReviewOptions`; checked when the graph is built.
        further: What else there is to show, by input: `model` (the Shortlister) and `model_run`,
            `domain_models` and `domain_runs`, `hyprank` and `hyprank_run`, `reliability` of the re-rankers,
            the data `gate`'s verdict, and of the learning loop `pseudo_labels`, `negatives`, `distillation`
            and `semi_labels`. The page has no section on what a run lacks; None is as good as absent.
    """

    SPEC_CLASS = ReviewSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(ReviewExecutor)

    def __init__(
        self,
        evaluation: BaseChannel,
        verdict: BaseChannel,
        predictions: BaseChannel,
        dead_letters: BaseChannel,
        options: str = "{}",
        **further: BaseChannel | None,
    ) -> None:
        read_options(options, ReviewOptions)
        super().__init__(
            spec=ReviewSpec(
                evaluation=evaluation,
                verdict=verdict,
                predictions=predictions,
                dead_letters=dead_letters,
                options=options,
                review=Channel(type=ReviewArtifact),
                **{name: channel for name, channel in further.items() if channel is not None},
            )
        )
