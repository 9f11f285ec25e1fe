"""TLS for both APIs from the same files; with a client CA both ask for a client's certificate (mTLS)."""

import ssl
from collections.abc import Callable
from pathlib import Path

import grpc

from components.router.service.options import RouterOptions


def http_context(options: RouterOptions) -> ssl.SSLContext | None:
    """For HTTPS; None where it is not asked for.

    Raises:
        OSError: A file cannot be read, or is no certificate or key.
    """
    if options.tls_certificate is None:
        return None
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    _load(context.load_cert_chain, options, "tls_certificate", "tls_key")
    if options.tls_client_ca is not None:
        _load(context.load_verify_locations, options, "tls_client_ca")
        context.verify_mode = ssl.CERT_REQUIRED
    return context


def _load(load: Callable[..., None], options: RouterOptions, *names: str) -> None:
    """Has the files of some options read; OpenSSL does not say of which one it speaks."""
    files = [getattr(options, name) for name in names]
    try:
        load(*files)
    except OSError as error:  # and ssl.SSLError, which is one
        given = ", ".join(f"{name}={file}" for name, file in zip(names, files, strict=True))
        raise OSError(f"no PEM files to use: {given} ({error})") from error


def grpc_credentials(options: RouterOptions) -> grpc.ServerCredentials | None:
    """For gRPC; None where it is not asked for. Raises `OSError` where a file cannot be read."""
    if options.tls_certificate is None or options.tls_key is None:
        return None
    client_ca = None if options.tls_client_ca is None else Path(options.tls_client_ca).read_bytes()
    pair = (Path(options.tls_key).read_bytes(), Path(options.tls_certificate).read_bytes())
    return grpc.ssl_server_credentials((pair,), client_ca, client_ca is not None)
