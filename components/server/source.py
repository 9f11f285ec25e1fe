"""Which version folders a model's config asks for, as they are on disk now."""

import logging
from pathlib import Path

from components.records.serving_protos import model_server_config_pb2

_log = logging.getLogger("arbiter.server")
_MAX_INT64 = 2**63 - 1
_LOCAL = "file://"


def wanted_versions(config: model_server_config_pb2.ModelConfig) -> dict[int, Path] | None:
    """The folders of the versions that `config`'s policy names: latest (one, by default), all or specific.

    A version is a child whose name is a number; leading zeros are allowed.

    Returns: Version to folder; None where the base path is not there, which is no reason to unload anything.
    """
    base = Path(config.base_path.removeprefix(_LOCAL))
    try:
        children = sorted(child.name for child in base.iterdir())
    except OSError as error:
        _log.error("Could not find base path %s for servable %s: %s", base, config.name, error.strerror)
        return None
    found = {int(name): base / name for name in children if _is_version(name)}
    policy = config.model_version_policy
    match policy.WhichOneof("policy_choice"):
        case "all":
            wanted = found
        case "specific":
            wanted = {n: found[n] for n in policy.specific.versions if n in found}
            for number in set(policy.specific.versions) - wanted.keys():
                _log.warning(
                    "Version %d of servable %s was not found in the file system", number, config.name
                )
        case _:
            count = max(policy.latest.num_versions, 1)
            wanted = {n: found[n] for n in sorted(found)[-count:]}
    if not wanted:
        _log.warning("No versions of servable %s found under base path %s", config.name, base)
    return wanted


def _is_version(name: str) -> bool:
    return name.isascii() and name.isdigit() and int(name) <= _MAX_INT64
