"""The Java libraries of the cluster, as pom.xml names them, fetched by Maven into a folder."""

import hashlib
import shutil
import subprocess
from pathlib import Path

from pipelines.errors import CommandError

POM = Path(__file__).with_name("pom.xml")


def libraries(cache: Path) -> Path:
    """The folder under `cache` with the jars of pom.xml; Maven fetches them where they are not there yet.

    Raises:
        CommandError: A program is missing, or Maven failed; the message holds what it said.
    """
    folder = cache / f"jars-{hashlib.sha256(POM.read_bytes()).hexdigest()[:12]}"
    if folder.is_dir():
        return folder
    for program, package in (("javac", "default-jdk-headless"), ("mvn", "maven")):
        if shutil.which(program) is None:
            raise CommandError(f"There is no `{program}` here.", f"On Debian: apt-get install {package}")
    cache.mkdir(parents=True, exist_ok=True)
    draft = folder.with_suffix(".draft")
    shutil.rmtree(draft, ignore_errors=True)
    goal = ["dependency:copy-dependencies", f"-DoutputDirectory={draft.absolute()}", "-DincludeScope=runtime"]
    done = subprocess.run(
        ["mvn", "--batch-mode", "--quiet", "--file", str(POM), *goal],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    if done.returncode:
        raise CommandError(f"Maven could not fetch what {POM} names.", done.stdout.strip()[-2000:])
    draft.rename(folder)
    return folder
