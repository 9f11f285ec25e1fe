"""The pipeline nodes that train the Shortlister, and change its skills between trainings."""

from tfx.dsl.components.base import base_component, executor_spec
from tfx.types import channel, component_spec, standard_artifacts
from tfx.types.component_spec import ChannelParameter, ExecutionParameter

from components.records.artifacts import (
    CatalogueArtifact,
    Distillation,
    NegativeLabels,
    PseudoLabels,
    SemiLabels,
    SkillCounts,
)
from components.records.options import read_options
from components.records.skill_change import SkillChange
from components.shortlister.executor import Executor, SkillChangerExecutor
from components.shortlister.options import ShortlisterOptions


class ShortlisterTrainerSpec(component_spec.ComponentSpec):
    """Interface of `ShortlisterTrainer`."""

    PARAMETERS = {  # noqa: RUF012 (TFX reads the class attribute)
        "options": ExecutionParameter(type=str),
        "checkpoints_dir": ExecutionParameter(type=str),
    }
    INPUTS = {  # noqa: RUF012
        "examples": ChannelParameter(type=standard_artifacts.Examples),
        "catalogue": ChannelParameter(type=CatalogueArtifact),
        "parent_model": ChannelParameter(type=standard_artifacts.Model, optional=True),
        "parent_model_run": ChannelParameter(type=standard_artifacts.ModelRun, optional=True),
        "parent_examples": ChannelParameter(type=standard_artifacts.Examples, optional=True),
    }
    OUTPUTS = {  # noqa: RUF012
        "model": ChannelParameter(type=standard_artifacts.Model),
        "model_run": ChannelParameter(type=standard_artifacts.ModelRun),
        "pseudo_labels": ChannelParameter(type=PseudoLabels),
        "negatives": ChannelParameter(type=NegativeLabels),
        "distillation": ChannelParameter(type=Distillation),
        "semi_labels": ChannelParameter(type=SemiLabels),
    }


class ShortlisterTrainer(base_component.BaseComponent):
    """Trains a Shortlister on labelled requests; stops and calibrates by the dev split.

    Args:
        examples: Labelled requests with the splits train and dev.
        catalogue: The dataset's skills.
        options: JSON of `ShortlisterOptions`; checked here, before anything runs.
        checkpoints_dir: Where a training that is killed leaves its state for the next try; "" keeps none.
            What TFX gives a node to write to is thrown away with it.
        parent_model, parent_model_run, parent_examples: A model, what its training left, and the requests
            that it learnt from. Where `examples` are these and more, training goes on from it.

    Outputs: `model`, a version folder under Format-Serving; `model_run`, training.json, log,
        TensorBoard's event files and weights; `pseudo_labels`, `negatives`, `distillation` and `semi_labels`,
        what the learning loop did, each with a `report.json`.
    Raises:
        ValueError: `options` is not a JSON object of known options with values in their ranges.
    """

    SPEC_CLASS = ShortlisterTrainerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(Executor)

    def __init__(
        self,
        examples: channel.BaseChannel,
        catalogue: channel.BaseChannel,
        options: str = "{}",
        checkpoints_dir: str = "",
        parent_model: channel.BaseChannel | None = None,
        parent_model_run: channel.BaseChannel | None = None,
        parent_examples: channel.BaseChannel | None = None,
    ) -> None:
        read_options(options, ShortlisterOptions)
        super().__init__(
            ShortlisterTrainerSpec(
                examples=examples,
                catalogue=catalogue,
                options=options,
                checkpoints_dir=checkpoints_dir,
                parent_model=parent_model,
                parent_model_run=parent_model_run,
                parent_examples=parent_examples,
                model=channel.Channel(type=standard_artifacts.Model),
                model_run=channel.Channel(type=standard_artifacts.ModelRun),
                pseudo_labels=channel.Channel(type=PseudoLabels),
                negatives=channel.Channel(type=NegativeLabels),
                distillation=channel.Channel(type=Distillation),
                semi_labels=channel.Channel(type=SemiLabels),
            )
        )


_OF_A_MODEL = {
    "model": standard_artifacts.Model,
    "model_run": standard_artifacts.ModelRun,
    "catalogue": CatalogueArtifact,
    "examples": standard_artifacts.Examples,
    "popularity": SkillCounts,
}


class SkillChangerSpec(component_spec.ComponentSpec):
    """Interface of `SkillChanger`."""

    PARAMETERS = {"change": ExecutionParameter(type=str)}  # noqa: RUF012 (TFX reads the class attribute)
    INPUTS = {  # noqa: RUF012
        f"base_{name}": ChannelParameter(type=kind) for name, kind in _OF_A_MODEL.items()
    }
    OUTPUTS = {name: ChannelParameter(type=kind) for name, kind in _OF_A_MODEL.items()}  # noqa: RUF012


class SkillChanger(base_component.BaseComponent):
    """Makes the next version of a Shortlister with other skills, without training it again.

    Args:
        model: The version to start from, under Format-Serving.
        model_run: What its training left: weights and frozen features.
        catalogue: Its skills.
        examples: The labelled requests that it was judged on.
        popularity: Train requests by skill.
        change: JSON of a `SkillChange`; checked here, before anything runs.

    Outputs: The same five, as the change leaves them.
    Raises:
        ValueError: `change` is no JSON of a change.
    """

    SPEC_CLASS = SkillChangerSpec
    EXECUTOR_SPEC = executor_spec.ExecutorClassSpec(SkillChangerExecutor)

    def __init__(
        self,
        model: channel.BaseChannel,
        model_run: channel.BaseChannel,
        catalogue: channel.BaseChannel,
        examples: channel.BaseChannel,
        popularity: channel.BaseChannel,
        change: str,
    ) -> None:
        read_options(change, SkillChange, name="change")
        super().__init__(
            SkillChangerSpec(
                change=change,
                base_model=model,
                base_model_run=model_run,
                base_catalogue=catalogue,
                base_examples=examples,
                base_popularity=popularity,
                **{name: channel.Channel(type=kind) for name, kind in _OF_A_MODEL.items()},
            )
        )
