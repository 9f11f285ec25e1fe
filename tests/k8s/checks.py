"""What the schemas of Kubernetes do not say of a set of objects: whether they fit together."""

from collections.abc import Iterator
from typing import Any

from tests.k8s.kustomize import key

Thing = dict[str, Any]
GIVEN_SECRETS = {"arbiter-store", "arbiter-metadata", "arbiter-tls", "postgres"}
"""Secrets that a person makes; docs/cluster.md says how."""


def problems(objects: list[Thing]) -> list[str]:
    """Everything that does not fit, in words; empty where all does."""
    return sorted({problem for check in _CHECKS for problem in check(objects)})


def pods(objects: list[Thing]) -> Iterator[tuple[Thing, Thing]]:
    """Each workload with its pod template."""
    for each in objects:
        if each["kind"] in ("Deployment", "StatefulSet"):
            yield each, each["spec"]["template"]


def _name(thing: Thing) -> str:
    return "/".join(key(thing)[::2])


def _selects(selector: dict[str, str], template: Thing) -> bool:
    labels = template["metadata"]["labels"]
    return all(labels.get(name) == value for name, value in selector.items())


def _selectors(objects: list[Thing]) -> Iterator[str]:
    templates = [template for _, template in pods(objects)]
    for workload, template in pods(objects):
        wanted = workload["spec"]["selector"]["matchLabels"]
        if not _selects(wanted, template):
            yield f"{_name(workload)}: its selector does not match its own pods"
        if sum(_selects(wanted, each) for each in templates) != 1:
            yield f"{_name(workload)}: its selector matches another workload's pods too"
    for each in objects:
        if each["kind"] == "Service" and not any(_selects(each["spec"]["selector"], t) for t in templates):
            yield f"{_name(each)}: it selects no pod"
        if each["kind"] == "PodDisruptionBudget":
            chosen = each["spec"]["selector"]["matchLabels"]
            if sum(_selects(chosen, t) for t in templates) != 1:
                yield f"{_name(each)}: it must select one workload's pods"


def _ports(objects: list[Thing]) -> Iterator[str]:
    for service in (each for each in objects if each["kind"] == "Service"):
        for _, template in pods(objects):
            if not _selects(service["spec"]["selector"], template):
                continue
            names = {p["name"] for c in template["spec"]["containers"] for p in c.get("ports", ())}
            for port in service["spec"]["ports"]:
                if port["targetPort"] not in names:
                    yield f"{_name(service)}: its pods have no port {port['targetPort']}"
    services = {each["metadata"]["name"]: each for each in objects if each["kind"] == "Service"}
    for ingress in (each for each in objects if each["kind"] == "Ingress"):
        for rule in ingress["spec"]["rules"]:
            for path in rule["http"]["paths"]:
                backend = path["backend"]["service"]
                listed = services.get(backend["name"], {"spec": {"ports": []}})["spec"]["ports"]
                if backend["port"]["name"] not in {port["name"] for port in listed}:
                    yield f"{_name(ingress)}: there is no {backend['name']}:{backend['port']['name']}"
    for monitor in (each for each in objects if each["kind"] == "ServiceMonitor"):
        wanted = monitor["spec"]["selector"]["matchLabels"]
        chosen = [s for s in services.values() if wanted.items() <= s["metadata"]["labels"].items()]
        ports = {port["name"] for s in chosen for port in s["spec"]["ports"]}
        for endpoint in monitor["spec"]["endpoints"]:
            if endpoint["port"] not in ports:
                yield f"{_name(monitor)}: no service that it watches has port {endpoint['port']}"


def _containers(objects: list[Thing]) -> Iterator[str]:
    for workload, template in pods(objects):
        for container in template["spec"]["containers"]:
            where = f"{_name(workload)}: container {container['name']}"
            ports = {port["name"] for port in container.get("ports", ())}
            for probe in ("readinessProbe", "livenessProbe"):
                if probe not in container:
                    yield f"{where} has no {probe}"
            for probe in ("readinessProbe", "livenessProbe", "startupProbe"):
                for way in ("httpGet", "tcpSocket"):
                    port = container.get(probe, {}).get(way, {}).get("port")
                    if port is not None and port not in ports:
                        yield f"{where}: its {probe} asks port {port}, which it has not"
            resources = container.get("resources", {})
            for kind, name in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
                if name not in resources.get(kind, {}):
                    yield f"{where} has no {name} in its {kind}"
            tag = container["image"].rpartition("/")[2].partition(":")[2]
            if "@sha256:" not in container["image"] and tag in ("", "latest"):
                yield f"{where}: image {container['image']} is not pinned"
            secured = container.get("securityContext", {})
            if secured.get("allowPrivilegeEscalation") is not False:
                yield f"{where} may gain privileges"
            if secured.get("capabilities", {}).get("drop") != ["ALL"]:
                yield f"{where} keeps capabilities"
        secured = template["spec"].get("securityContext", {})
        if not secured.get("runAsNonRoot") or not secured.get("runAsUser"):
            yield f"{_name(workload)}: it may run as root"
        if secured.get("seccompProfile", {}).get("type") != "RuntimeDefault":
            yield f"{_name(workload)}: it has no seccomp profile"
        if template["spec"].get("automountServiceAccountToken") is not False:
            yield f"{_name(workload)}: its pods get a token of the API server's"


def _scaling(objects: list[Thing]) -> Iterator[str]:
    workloads = {(each["kind"], each["metadata"]["name"]): each for each, _ in pods(objects)}
    for each in (each for each in objects if each["kind"] == "HorizontalPodAutoscaler"):
        spec = each["spec"]
        target = workloads.get((spec["scaleTargetRef"]["kind"], spec["scaleTargetRef"]["name"]))
        if target is None:
            yield f"{_name(each)}: what it scales is not there"
        elif not spec["minReplicas"] <= target["spec"]["replicas"] <= spec["maxReplicas"]:
            yield f"{_name(each)}: {target['spec']['replicas']} replicas are not within its bounds"
        if spec["minReplicas"] > spec["maxReplicas"]:
            yield f"{_name(each)}: minReplicas > maxReplicas"


def _references(objects: list[Thing]) -> Iterator[str]:
    def names(kind: str) -> set[str]:
        return {each["metadata"]["name"] for each in objects if each["kind"] == kind}

    maps, claims, accounts = names("ConfigMap"), names("PersistentVolumeClaim"), names("ServiceAccount")
    secrets = names("Secret") | GIVEN_SECRETS
    for workload, template in pods(objects):
        spec = template["spec"]
        account = spec.get("serviceAccountName")
        if account is not None and account not in accounts:
            yield f"{_name(workload)}: there is no service account {account}"
        own = {v["metadata"]["name"] for v in workload["spec"].get("volumeClaimTemplates", ())}
        volumes = {volume["name"] for volume in spec.get("volumes", ())} | own
        for volume in spec.get("volumes", ()):
            for field, known, named in (
                ("configMap", maps, "name"),
                ("secret", secrets, "secretName"),
                ("persistentVolumeClaim", claims, "claimName"),
            ):
                if field in volume and volume[field][named] not in known:
                    yield f"{_name(workload)}: there is no {field} {volume[field][named]}"
        for container in spec["containers"]:
            for mount in container.get("volumeMounts", ()):
                if mount["name"] not in volumes:
                    yield f"{_name(workload)}: there is no volume {mount['name']}"
            for variable in container.get("env", ()):
                source = variable.get("valueFrom", {})
                if "secretKeyRef" in source and source["secretKeyRef"]["name"] not in secrets:
                    yield f"{_name(workload)}: there is no secret {source['secretKeyRef']['name']}"
                if "value" in variable and "PASSWORD" in variable["name"]:
                    yield f"{_name(workload)}: a password is written out"


def _network(objects: list[Thing]) -> Iterator[str]:
    policies = [each for each in objects if each["kind"] == "NetworkPolicy"]
    denies = [
        p for p in policies if p["spec"]["podSelector"] == {} and not {"ingress", "egress"} & set(p["spec"])
    ]
    if not any(set(policy["spec"]["policyTypes"]) == {"Ingress", "Egress"} for policy in denies):
        yield "no network policy denies what is not allowed"
    for workload, template in pods(objects):
        selectors = (p["spec"]["podSelector"].get("matchLabels", {}) for p in policies)
        if not any(chosen and _selects(chosen, template) for chosen in selectors):
            yield f"{_name(workload)}: no network policy speaks of its pods"


def _namespaces(objects: list[Thing]) -> Iterator[str]:
    for each in objects:
        if each["kind"] != "Namespace" and each["metadata"].get("namespace") != "arbiter":
            yield f"{_name(each)} is not in namespace arbiter"


_CHECKS = (_selectors, _ports, _containers, _scaling, _references, _network, _namespaces)
