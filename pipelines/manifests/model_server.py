"""The manifest of one model's server, from a template."""

from pathlib import Path

import jinja2
import msgspec

from components.records.domain_signature import DOMAIN_PREFIX
from components.records.model_names import dns_label
from components.records.shortlister_signature import SHORTLISTER
from components.records.slug import unslug

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    keep_trailing_newline=True,
    trim_blocks=True,
    autoescape=False,
)
IMAGE = "tensorflow/serving:2.21.0"
_TEMPLATE = "model_server.yaml.j2"


class ModelServer(msgspec.Struct, frozen=True, kw_only=True):
    """What one model's TF Serving gets.

    Attributes:
        model: The name that it is served by.
        memory: MiB, requested and at most.
        cpu: Requested, as Kubernetes writes it.
        replicas, most_replicas: At least and at most.
        image: Of TF Serving.
        workspace: The workspace, as the pods see it.
    """

    model: str
    memory: int = 1024
    cpu: str = "500m"
    replicas: int = 1
    most_replicas: int = 4
    image: str = IMAGE
    workspace: str = "/arbiter/work"

    @property
    def host(self) -> str:
        """The name of its objects, which is that of its host."""
        return dns_label(self.model)

    def manifest(self) -> str:
        """Deployment, Service, PodDisruptionBudget and HorizontalPodAutoscaler, as YAML.

        The Shortlister's server does not batch: its `k` is one number for a whole call, and TF Serving
        refuses every call of a signature that it cannot batch.
        """
        domain = (
            unslug(self.model.removeprefix(DOMAIN_PREFIX)) if self.model.startswith(DOMAIN_PREFIX) else ""
        )
        return _ENVIRONMENT.get_template(_TEMPLATE).render(
            **msgspec.structs.asdict(self),
            host=self.host,
            domain=" ".join(domain.split()),
            batching=self.model != SHORTLISTER,
        )

    def memory_patch(self) -> str:
        """Sets the memory of a Deployment that is there, as YAML."""
        size = f"{self.memory}Mi"
        resources = f"{{requests: {{memory: {size}}}, limits: {{memory: {size}}}}}"
        return (
            "apiVersion: apps/v1\nkind: Deployment\n"
            f"metadata: {{name: {self.host}, namespace: arbiter}}\n"
            f"spec: {{template: {{spec: {{containers: [{{name: serving, resources: {resources}}}]}}}}}}\n"
        )
