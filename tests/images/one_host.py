"""compose.yaml as a program reads it."""

import shutil
import subprocess
from typing import Any

import yaml

from tests.images.engine import ROOT

FILE = ROOT / "compose.yaml"


def composition() -> dict[str, Any]:
    """The file, with YAML's anchors filled in."""
    return dict(yaml.safe_load(FILE.read_text()))


def published(service: dict[str, Any]) -> list[tuple[str, int, int]]:
    """Address, port of the host and port of the container, of each port that can be reached from outside."""
    split = [text.split(":") for text in service.get("ports", ())]
    return [(address, int(host), int(container)) for address, host, container in split]


def mounts(service: dict[str, Any]) -> list[tuple[str, str, bool]]:
    """What is mounted, where, and whether it can be written."""
    split = [text.split(":") for text in service.get("volumes", ())]
    return [(source, target, mode != ["ro"]) for source, target, *mode in split]


def compose_says(password: str) -> subprocess.CompletedProcess[str]:
    """`docker-compose config` on the file, but for `name`, which Debian's is too old for."""
    text = yaml.safe_dump({name: part for name, part in composition().items() if name != "name"})
    program = shutil.which("docker-compose")
    assert program, "missing: apt-get install docker-compose"
    return subprocess.run(
        [program, "--file", "-", "--project-directory", ROOT, "config"],
        input=text,
        env={"PATH": "/usr/bin:/bin", "POSTGRES_PASSWORD": password},
        capture_output=True,
        text=True,
    )
