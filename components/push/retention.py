"""Old versions of pushed models leave the disk; their numbers are never given again."""

from collections.abc import Iterable
from datetime import datetime
from pathlib import Path

import msgspec

from components.push.push_log import REMOVED, Left, append_log, pushed_hash, read_log, stable_before
from components.records.models_config import MODELS_CONFIG, STABLE, read_models_config
from components.records.version_folder import remove, versions


def remove_old(serving_dir: Path, models: Iterable[str], *, keep: int, time: datetime) -> None:
    """Removes versions older than each model's newest `keep`. Call it under the lock, after a push.

    One that is served, has a label, or would be in service after a rollback stays.
    """
    log = read_log(serving_dir)
    configs = {config.name: config for config in read_models_config(serving_dir / MODELS_CONFIG)}
    for model in models:
        config = configs[model]
        before = stable_before(log, model, config.labels[STABLE])
        wanted = {*config.versions, *config.labels.values(), *(each.version for each in before[-1:])}
        for version in versions(serving_dir / model)[:-keep]:
            if version in wanted:
                continue
            line = Left(
                time=time,
                model=model,
                outcome=REMOVED,
                reason=f"older than the newest {keep}",
                version=version,
                hash=pushed_hash(log, model, version) or "",
            )
            append_log(serving_dir, [msgspec.json.encode(line)])  # first: the number stays known
            remove(serving_dir / model, version)
