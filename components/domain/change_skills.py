"""The next version of a domain's model with other skills: the same weights, read for other candidates."""

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from components.domain.changed_schema import changed_reranker, changed_schema
from components.domain.export import export
from components.domain.network import DomainNetwork
from components.domain.options import DomainOptions
from components.records.catalogue import Catalogue
from components.records.domain_schema import DomainSchema
from components.records.domain_twin.spec import read_domain_spec
from components.records.manifest import Manifest
from components.records.saved_weights import saved_weights
from components.records.skill_change import SkillChange, changed_lineage
from components.records.version_folder import WARMUP, read_manifest
from components.records.warmup import warmup_requests


def change_skills(
    change: SkillChange,
    after: Catalogue,
    source: Path,
    target: Path,
    *,
    lineage: Mapping[str, str] | None = None,
) -> Manifest | None:
    """Writes the version that the change makes of the one in `source`. Nothing is trained.

    Readings of a skill that stays are the same to the bit; the re-ranker and all that is calibrated stay too.

    Args:
        change: What is asked for.
        after: All skills that there are afterwards.
        source: A domain model's version folder.
        target: Replaced; `saved_model.pb` comes last.
        lineage: Goes into the manifest.

    Returns: The manifest that `target` holds; None, and no folder, where the change does not touch the
        domain, or leaves it no skill that the model knows.

    Raises:
        FileNotFoundError: `source` is no domain model's version folder, or incomplete.
        ValueError: It was written by another Arbiter.
    """
    shutil.rmtree(target, ignore_errors=True)
    spec, before = read_domain_spec(source), read_manifest(source)
    schema = changed_schema(spec.schema, change, after)
    reranker = changed_reranker(before.reranker, change)
    if schema is None or (schema, reranker) == (spec.schema, before.reranker):
        return None
    options = msgspec.convert(before.options, DomainOptions)
    manifest = msgspec.structs.replace(
        before,
        skill_ids=schema.skill_ids,
        domains=(schema.domain,) * len(schema.skill_ids),
        intents=schema.in_names(),
        reranker=reranker,
        catalogue_hash=after.hash(),
        lineage=changed_lineage(
            {**before.lineage, **(lineage or {})}, change, before.skill_ids, schema.skill_ids
        ),
    )
    export(
        read_network(source, schema, options),
        spec.text,
        schema,
        manifest,
        target,
        warmup=[
            request.inputs["utterance"].string_val[0].decode() for request in warmup_requests(source / WARMUP)
        ],
        storage=spec.weights,
    )
    return manifest


def read_network(folder: Path, schema: DomainSchema, options: DomainOptions) -> DomainNetwork:
    """The network of an exported version, without the layer that training alone has.

    Args:
        folder: The version folder.
        schema: Whose intents and slots it knows.
        options: Of its training.
    """
    network = DomainNetwork(
        intents=len(schema.intents),
        tags=schema.tags,
        buckets=options.gram_buckets,
        gram_size=options.gram_size,
        char_size=options.char_size,
        form_size=options.form_size,
        hidden_size=options.hidden_size,
        name="domain_network",
    )
    weights: list[Any] = saved_weights(folder)
    for weight, value in zip(network.weights, weights, strict=False):
        weight.assign(value)
    return network
