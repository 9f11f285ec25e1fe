"""Health, reflection, TLS, the UNIX socket and gRPC's own options."""

import datetime
import ipaddress

import grpc
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha.proto_reflection_descriptor_database import ProtoReflectionDescriptorDatabase

from components.records.serving_protos import predict_pb2, prediction_service_pb2_grpc
from components.records.tensors import to_proto
from components.server.calls import Calls
from components.server.errors import StatusError
from components.server.grpc_listener import GrpcListener
from components.server.options import ServerOptions
from tests.server.calls import refusal
from tests.server.rest.echo import Core, Echo


@pytest.fixture
def listen():
    """Starts listeners of model `m`, which answers its input; stops them."""
    running = []

    def start(**options):
        calls = Calls(Core(Echo({"serving_default": {"x": "DT_FLOAT"}})))
        options = ServerOptions(port=0, model_base_path="/m", **options)
        running.append(GrpcListener(calls, options))
        return running[-1]

    yield start
    for listener in running:
        listener.stop(1.0)
        listener.join()


def predict(channel):
    request = predict_pb2.PredictRequest()
    request.model_spec.name = "m"
    request.inputs["x"].CopyFrom(to_proto(np.float32([1])))
    stub = prediction_service_pb2_grpc.PredictionServiceStub(channel)
    return stub.Predict(request, timeout=5).outputs["x"].float_val[:]


def test_health(listen):
    listener = listen(enable_grpc_healthcheck_service=True)
    with grpc.insecure_channel(listener.address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        for name in ("", "ModelService", "PredictionService"):
            answer = stub.Check(health_pb2.HealthCheckRequest(service=name), timeout=5)
            assert answer.status == health_pb2.HealthCheckResponse.SERVING
        assert refusal(stub.Check, health_pb2.HealthCheckRequest(service="q"))[0] == "NOT_FOUND"


def test_no_health_unless_asked_for(listen):
    with grpc.insecure_channel(listen().address) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        assert refusal(stub.Check, health_pb2.HealthCheckRequest())[0] == "UNIMPLEMENTED"


def test_reflection(listen):
    with grpc.insecure_channel(listen().address) as channel:
        database = ProtoReflectionDescriptorDatabase(channel)
        assert {"tensorflow.serving.PredictionService", "tensorflow.serving.ModelService"} <= set(
            database.get_services()
        )
        file = database.FindFileContainingSymbol("tensorflow.serving.PredictionService")
        assert "Predict" in [method.name for method in file.service[0].method]


def test_unix_socket(listen, tmp_path):
    listener = listen(grpc_socket_path=str(tmp_path / "socket"))
    for address in (f"unix:{tmp_path}/socket", listener.address):
        with grpc.insecure_channel(address) as channel:
            assert predict(channel) == [1.0]


def test_channel_arguments(listen):
    listener = listen(grpc_channel_arguments="grpc.max_receive_message_length=10,grpc.primary_user_agent=a")
    with grpc.insecure_channel(listener.address) as channel, pytest.raises(grpc.RpcError) as error:
        predict(channel)
    assert error.value.code().name == "RESOURCE_EXHAUSTED"
    with pytest.raises(StatusError, match="must be key=value"):
        listen(grpc_channel_arguments="a")


def certificate(name, signer=None):
    """A key and a certificate for 127.0.0.1, signed by `signer` or itself. PEM, PEM, key, certificate."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.datetime.now(datetime.UTC)
    built = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(signer[3].subject if signer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.BasicConstraints(ca=signer is None, path_length=None), critical=True)
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(signer[2] if signer else key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return private, built.public_bytes(serialization.Encoding.PEM), key, built


def ssl_config(tmp_path, server, ca=None):
    def quoted(pem):
        return pem.decode().replace("\n", "\\n")

    text = f'server_key: "{quoted(server[0])}" server_cert: "{quoted(server[1])}"'
    if ca is not None:
        text += f' custom_ca: "{quoted(ca[1])}" client_verify: true'
    path = tmp_path / "ssl.config"
    path.write_text(text)
    return str(path)


def test_tls(listen, tmp_path):
    server = certificate("server")
    listener = listen(ssl_config_file=ssl_config(tmp_path, server))
    with grpc.secure_channel(listener.address, grpc.ssl_channel_credentials(server[1])) as channel:
        assert predict(channel) == [1.0]
    with grpc.insecure_channel(listener.address) as channel, pytest.raises(grpc.RpcError):
        predict(channel)


def test_mutual_tls(listen, tmp_path):
    ca = certificate("ca")
    server, client, stranger = certificate("server", ca), certificate("client", ca), certificate("stranger")
    listener = listen(ssl_config_file=ssl_config(tmp_path, server, ca))
    known = grpc.ssl_channel_credentials(ca[1], client[0], client[1])
    with grpc.secure_channel(listener.address, known) as channel:
        assert predict(channel) == [1.0]
    for refused in (
        grpc.ssl_channel_credentials(ca[1]),
        grpc.ssl_channel_credentials(ca[1], stranger[0], stranger[1]),
    ):
        with grpc.secure_channel(listener.address, refused) as channel, pytest.raises(grpc.RpcError):
            predict(channel)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("server_key", "Error parsing text-format tensorflow.serving.SSLConfig: 1:11"),
        ('server_key: "a" server_cert: "b" client_verify: true', "without providing root certificates"),
    ],
)
def test_a_tls_configuration_that_is_none(listen, tmp_path, text, message):
    path = tmp_path / "ssl.config"
    path.write_text(text)
    with pytest.raises(StatusError, match=message):
        listen(ssl_config_file=str(path))
    with pytest.raises(StatusError, match="No such file"):
        listen(ssl_config_file=str(tmp_path / "none"))
