"""What a person sets, in one typed configuration with defaults that work."""

import difflib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import msgspec
import yaml

from components.domain.options import DomainOptions
from components.evaluate.options import EvaluateOptions, ReviewOptions
from components.hyprank.options import HypRankOptions
from components.ingest.options import GateOptions, IngestOptions
from components.label.options import LabelOptions
from components.push.options import PushOptions
from components.reranker.options import RerankerOptions
from components.router.options import HypothesizeOptions, RankOptions
from components.shortlister.options import ShortlisterOptions
from pipelines.errors import CallError
from pipelines.kubeflow.options import Cluster

Options = TypeVar("Options", bound=msgspec.Struct)


class Config(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One section for each part that has options; a part's own `options.py` says what they mean.

    A changed value re-runs the nodes that depend on it and no other.

    Attributes:
        rankers: Whether the whole system is trained: domain models, re-rankers and HypRank beside the
            Shortlister. Without them the Shortlister alone answers: which skill, not what of it.
        cluster: Where and how the nodes run on Kubernetes; local runs do not read it.
        workers: Processes that train domain models side by side on this machine; None: one for each core.
        beam: Arguments of the Beam runner on which a run's Ingest, Label, DomainTrainer, Hypothesize and Rank
            spread their work; empty: they run on this machine.

    Raises:
        ValueError: `workers` is not positive, or Rank keeps fewer skills than HypRank has ordered.
    """

    ingest: IngestOptions = IngestOptions()
    gate: GateOptions = GateOptions()
    label: LabelOptions = LabelOptions()
    shortlister: ShortlisterOptions = ShortlisterOptions()
    domain: DomainOptions = DomainOptions()
    hypothesize: HypothesizeOptions = HypothesizeOptions()
    reranker: RerankerOptions = RerankerOptions()
    hyprank: HypRankOptions = HypRankOptions()
    rank: RankOptions = RankOptions()
    evaluate: EvaluateOptions = EvaluateOptions()
    review: ReviewOptions = ReviewOptions()
    push: PushOptions = PushOptions()
    cluster: Cluster = Cluster()
    rankers: bool = True
    workers: int | None = None
    beam: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        if self.workers is not None and self.workers < 1:
            raise ValueError(f"`workers` must be at least 1. Received: workers={self.workers}")
        if self.rankers and self.rank.top < self.hypothesize.k:
            raise ValueError(
                "`rank.top` must be `hypothesize.k` at least: a push asks again for all that HypRank saw. "
                f"Received: rank.top={self.rank.top}, hypothesize.k={self.hypothesize.k}"
            )


class Judging(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """The options of the nodes that judge and push."""

    rank: RankOptions = RankOptions()
    evaluate: EvaluateOptions = EvaluateOptions()
    review: ReviewOptions = ReviewOptions()
    push: PushOptions = PushOptions()


def read_config(path: Path | None = None, settings: Iterable[str] = ()) -> Config:
    """The defaults, overlaid by the YAML file at `path`, overlaid by `settings` ("shortlister.epochs=3").

    Raises:
        CallError: An unknown key, or a value that breaks its rule; the message names all three.
    """
    return read_options(Config, {} if path is None else _read_yaml(path), settings)


def read_options(struct: type[Options], given: Mapping[str, Any], settings: Iterable[str] = ()) -> Options:
    """`struct` from `given` values overlaid by `settings` ("overlap=0.5"), else its defaults.

    Raises:
        CallError: As `read_config`.
    """
    _check_keys(given, struct, source="--config")
    values = dict(given)
    for setting in settings:
        _set(values, setting, struct)
    try:
        # Not strict: YAML 1.1 reads 1e-3 as a text, and a setting's value is a text until its type is known.
        return msgspec.convert(values, struct, strict=False)
    except msgspec.ValidationError as error:
        raise CallError(f"The configuration is wrong: {_readable(error, values)}") from error


def options_json(options: msgspec.Struct) -> str:
    """`options` as the JSON that a component takes; equal options give equal bytes."""
    return msgspec.json.encode(options, order="deterministic").decode()


def _read_yaml(path: Path) -> dict[str, Any]:
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CallError(f"--config {path} cannot be read: {error.strerror}.") from error
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise CallError(f"--config {path} is not YAML: {error}") from error
    if content is None:
        return {}
    if not isinstance(content, dict):
        raise CallError(f"--config {path} must hold sections such as `shortlister:`. Received: {content!r}")
    return content


def _set(values: dict[str, Any], setting: str, struct: type[msgspec.Struct]) -> None:
    key, equals, text = setting.partition("=")
    path = key.strip().split(".")
    if not equals or not all(path):
        raise CallError(
            f"--set takes key=value. Received: {setting!r}", "For example: --set shortlister.epochs=3"
        )
    value: Any = text.strip()
    if value.startswith(("[", "{")):
        try:
            value = json.loads(value)
        except json.JSONDecodeError as error:
            raise CallError(f"--set {key}: the value is no JSON: {error}") from error
    nested: Any = value
    for name in reversed(path):
        nested = {name: nested}
    _check_keys(nested, struct, source="--set")
    for name in path[:-1]:
        section = dict(values.get(name, {}))
        values[name] = section
        values = section
    values[path[-1]] = value


def _check_keys(
    values: Mapping[str, Any], struct: type[msgspec.Struct], *, source: str, prefix: str = ""
) -> None:
    fields = {field.name: field.type for field in msgspec.structs.fields(struct)}
    for name, value in values.items():
        if name not in fields:
            near = difflib.get_close_matches(str(name), fields, n=1)
            known = ", ".join(f"{prefix}{field}" for field in fields)
            hint = f"Did you mean {prefix}{near[0]}?" if near else f"Known: {known}."
            raise CallError(f"{source}: unknown key {prefix}{name}.", hint)
        nested = fields[name]
        if isinstance(nested, type) and issubclass(nested, msgspec.Struct):
            if not isinstance(value, Mapping):
                raise CallError(f"{source}: {prefix}{name} is a section, not a value. Received: {value!r}")
            _check_keys(value, nested, source=source, prefix=f"{prefix}{name}.")


def _readable(error: msgspec.ValidationError, values: Mapping[str, Any]) -> str:
    """`Expected int - at $.a.b` as `a.b: Expected int. Received: 'x'`."""
    rule, _, place = str(error).rpartition(" - at `$.")
    path = place.rstrip("`")
    if not rule:
        return str(error)
    if "Received" in rule:  # an option's own check, which shows the value itself
        return f"{path}: {rule}."
    value: Any = values
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else value
    return f"{path}: {rule}. Received: {value!r}"
