"""Nodes that bring what earlier runs made into a graph."""

from collections.abc import Mapping

from tfx.dsl.components.common.importer import Importer
from tfx.types.artifact import Artifact


def importers_of(
    prefix: str, kinds: Mapping[str, type[Artifact]], folders: Mapping[str, str]
) -> dict[str, Importer]:
    """A node for each artifact, by the artifact's name; its id is `prefix.name`.

    Args:
        kinds: Type by name.
        folders: Where each lies, by the same names.
    """
    return {
        name: Importer(source_uri=folders[name], artifact_type=kind).with_id(f"{prefix}.{name}")
        for name, kind in kinds.items()
    }
