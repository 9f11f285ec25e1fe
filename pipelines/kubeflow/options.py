"""What a person sets about running the graph on Kubernetes. Imports neither TFX nor KFP."""

import re

import msgspec

_CPU = re.compile(r"\d+(\.\d+)?m?")
_MEMORY = re.compile(r"\d+(\.\d+)?([KMGTP]i?)?")


class Toleration(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A taint that a pod bears, as Kubernetes writes it; `value` empty: any (operator Exists)."""

    key: str
    value: str = ""
    effect: str = "NoSchedule"


class Secret(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """An environment variable whose value is a key of a Kubernetes Secret: a reference, never the value."""

    variable: str
    secret: str
    key: str


class Resources(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one node's pod gets.

    Attributes:
        cpu, memory: Requested, as Kubernetes writes quantities ("2", "500m"; "8Gi").
        memory_limit: At most; empty: as requested, so that a pod is not evicted for what it was promised.
        gpus: Number of accelerators; 0: none.
        gpu_type: The resource's name.
        node_selector: Labels that the machine must have.
        tolerations: Taints that the pod bears.
        timeout_s: Seconds after which the pod is stopped; 0: never.
        retries: How often a failed pod is started again. A mistake of the user's is not tried again.
        backoff_s, backoff_factor, backoff_max_s: Seconds before the first retry, its growth, its bound.
        cache: Whether the node takes an earlier result for the same inputs and options.
    """

    cpu: str = "1"
    memory: str = "4Gi"
    memory_limit: str = ""
    gpus: int = 0
    gpu_type: str = "nvidia.com/gpu"
    node_selector: dict[str, str] = {}
    tolerations: tuple[Toleration, ...] = ()
    timeout_s: int = 0
    retries: int = 2
    backoff_s: int = 30
    backoff_factor: float = 2.0
    backoff_max_s: int = 600
    cache: bool = True

    def __post_init__(self) -> None:
        for name, form in (("cpu", _CPU), ("memory", _MEMORY), ("memory_limit", _MEMORY)):
            value = getattr(self, name)
            if not form.fullmatch(value) and not (name == "memory_limit" and not value):
                raise ValueError(
                    f"`{name}` must be a Kubernetes quantity, such as 2 or 8Gi. Received: {value!r}"
                )
        for name in ("gpus", "timeout_s", "retries", "backoff_s", "backoff_max_s"):
            if getattr(self, name) < 0:
                raise ValueError(f"`{name}` must not be negative. Received: {getattr(self, name)}")
        if self.backoff_factor < 1:
            raise ValueError(f"`backoff_factor` must be at least 1. Received: {self.backoff_factor}")


class Cluster(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Where and how the tasks of a compiled pipeline run.

    Attributes:
        image: Of every task; it holds the code that the graph is built from.
        python: The interpreter in the image.
        user: That every task runs as, never root, and its group: the files on the volume are theirs.
        claim: PersistentVolumeClaim that every task mounts at `mount`: many pods write it (ReadWriteMany).
            Empty: none is mounted, for a path that every machine has anyway.
        mount: Where it is mounted; dataset and workspace lie below it.
        pull_secret: Of the image's registry; empty: none.
        secrets: Environment variables of every task; ARBITER_METADATA is how the metadata database is named.
        default: Of a node that `nodes` does not name, and of the tasks around the nodes.
        nodes: By the node's name.
    """

    image: str = "arbiter:0.1.0"
    python: str = "python"
    user: int = 1000
    claim: str = "arbiter"
    mount: str = "/arbiter"
    pull_secret: str = ""
    secrets: tuple[Secret, ...] = (Secret(variable="ARBITER_METADATA", secret="arbiter-metadata", key="url"),)
    default: Resources = Resources()
    nodes: dict[str, Resources] = {}

    def __post_init__(self) -> None:
        tag = self.image.rpartition("/")[2].partition(":")[2]
        if "@sha256:" not in self.image and tag in ("", "latest"):
            raise ValueError(
                "`image` must be pinned: a tag other than latest, or a digest. "
                f"Received: image={self.image!r}"
            )
        if self.user < 1:
            raise ValueError(f"`user` must not be root. Received: user={self.user}")
        if self.claim and not self.mount.startswith("/"):
            raise ValueError(f"`mount` must be absolute. Received: mount={self.mount!r}")

    def of(self, node: str) -> Resources:
        """What the node's pod gets."""
        return self.nodes.get(node, self.default)
