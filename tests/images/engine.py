"""Debian's buildah and podman: images and containers in a store of a test's own."""

import json
import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
BASE = "localhost/python:3.11"
NEEDS = ("buildah", "podman", "runc", "debootstrap")
_CERTIFICATES = "/etc/ssl/certs"
_MOUNTED = "/mnt"
"""A folder that every Debian has: what is mounted there during a build leaves no trace in the image."""
_SETTINGS = """
[containers]
default_ulimits = ["nofile=20000:20000", "nproc=20000:20000"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "none"
runtime = "runc"
"""
_RESTRICTED = ("--read-only", "--cap-drop=all", "--security-opt=no-new-privileges", "--user=1000:1000")
"""What the manifests of k8s/ and compose.yaml demand of a container."""


class Engine:
    """Builds images and runs containers.

    Args:
        folder: For everything that it keeps; its path must be short.
    """

    def __init__(self, folder: Path) -> None:
        (folder / "tmp").mkdir()
        (folder / "containers.conf").write_text(_SETTINGS)
        self._store = (f"--root={folder / 'store'}", f"--runroot={folder / 'run'}")
        self._environment = {
            **os.environ,
            "TMPDIR": str(folder / "tmp"),
            "CONTAINERS_CONF": str(folder / "containers.conf"),
        }
        self._folder = folder

    def make_base(self) -> None:
        """Debian bookworm with its Python 3.11 and pip, as `BASE`: no registry is asked."""
        system = self._folder / "debian"
        self._run(
            *("debootstrap", "--variant=minbase", "--include=python3,python3-pip,ca-certificates"),
            *("bookworm", system),
        )
        for left in ("var/cache/apt/archives", "var/lib/apt/lists"):
            shutil.rmtree(system / left)
            (system / left).mkdir()
        archive = self._folder / "debian.tar"
        self._run("tar", "--create", "--numeric-owner", "--file", archive, "--directory", system, ".")
        self._podman("import", "--quiet", archive, BASE)
        shutil.rmtree(system)
        archive.unlink()

    def build(self, target: str, tag: str) -> None:
        """`docker build --target TARGET`, every step anew; packages come from where uv has them here."""
        self._run(
            *("buildah", *self._store, "bud", "--quiet", "--isolation=chroot", "--network=host"),
            *("--timestamp=0", "--layers=false", f"--target={target}", f"--tag={tag}"),
            *(f"--build-arg=BASE={BASE}", f"--build-arg=UV_CACHE_DIR={_MOUNTED}"),
            *(f"--volume={_uv_cache()}:{_MOUNTED}", f"--volume={_CERTIFICATES}:{_CERTIFICATES}:ro"),
            ROOT,
        )

    def inspect(self, image: str) -> dict[str, Any]:
        """What `podman image inspect` says."""
        [found] = json.loads(self._podman("image", "inspect", image))
        return dict(found)

    @contextmanager
    def files(self, image: str) -> Iterator[Path]:
        """The image's root file system."""
        yield Path(self._podman("image", "mount", image).strip())
        self._podman("image", "unmount", image)

    def run(
        self,
        image: str,
        *command: object,
        volumes: Mapping[Path, str] | None = None,
        memory: str = "64m",
    ) -> str:
        """What a command prints in a restricted container of the image; it must succeed."""
        return self._run(*self.started(image, *command, volumes=volumes, memory=memory))

    def started(
        self,
        image: str,
        *command: object,
        volumes: Mapping[Path, str] | None = None,
        memory: str = "64m",
    ) -> list[str]:
        """The command line of a restricted container: no rights, nothing writable but /tmp and volumes.

        Args:
            memory: How much /tmp may hold.
        """
        mounted = [f"--volume={here}:{there}" for here, there in (volumes or {}).items()]
        limits = (f"--tmpfs=/tmp:rw,mode=1777,size={memory}", "--network=host")
        words = ("podman", *self._store, "run", "--rm", *_RESTRICTED, *limits, *mounted, image, *command)
        return [str(word) for word in words]

    @property
    def environment(self) -> dict[str, str]:
        """What the engine's programs need."""
        return self._environment

    def close(self) -> None:
        """Removes containers, images and mounts."""
        self._podman("rm", "--all", "--force")
        self._podman("image", "unmount", "--all", "--force")
        self._run("buildah", *self._store, "rm", "--all")
        self._podman("rmi", "--all", "--force")

    def _podman(self, *arguments: object) -> str:
        return self._run("podman", *self._store, *arguments)

    def _run(self, *command: object) -> str:
        words = [str(word) for word in command]
        done = subprocess.run(words, env=self._environment, capture_output=True, text=True)
        assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout[-3000:]}\n{done.stderr[-6000:]}"
        return done.stdout


@contextmanager
def engine() -> Iterator[Engine]:
    """An engine with a base, and nothing of it afterwards."""
    with tempfile.TemporaryDirectory(prefix="arbiter-images-") as folder:
        running = Engine(Path(folder))
        try:
            running.make_base()
            yield running
        finally:
            running.close()


def _uv_cache() -> str:
    uv = ROOT / ".uv" / "bin" / "uv"
    return subprocess.run([uv, "cache", "dir"], check=True, capture_output=True, text=True).stdout.strip()
