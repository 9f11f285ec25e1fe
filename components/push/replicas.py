"""Every address at which a model is served."""

import socket

from components.records.model_names import address_of


def replicas(server: str, model: str) -> tuple[str, ...]:
    """The addresses of a model's replicas, as they are now: asked again it may say others.

    Args:
        server: Addresses, separated by commas, each as `address_of` has it. A host's name stands for all its
            addresses: those of a headless Service are the pods'. What is no `host:port` stays as it is.

    >>> replicas("127.0.0.1:8500, unix:/run/{model}", "hyprank")
    ('127.0.0.1:8500', 'unix:/run/hyprank')
    """
    places = [address_of(each.strip(), model) for each in server.split(",")]
    return tuple(dict.fromkeys(address for place in places for address in _addresses(place)))


def _addresses(place: str) -> list[str]:
    host, _, port = place.rpartition(":")
    if not port.isdecimal() or "/" in host:
        return [place]
    try:
        found = socket.getaddrinfo(host.strip("[]"), int(port), type=socket.SOCK_STREAM)
    except socket.gaierror:
        return [place]  # whoever asks it is told that nobody is there
    four = [address[0] for family, *_, address in found if family == socket.AF_INET]
    if four:  # a host of both families is one replica, not two
        return [f"{address}:{port}" for address in sorted(four)]
    return [f"[{address[0]}]:{port}" for *_, address in sorted(found)]
