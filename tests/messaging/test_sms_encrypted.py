"""SMS over TLS, to a stand-in with a certificate of its own."""

from __future__ import annotations

import ssl
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from messaging.enums import DeliveryState
from messaging.transports import gateway as http
from messaging.transports.base import Outgoing
from messaging.transports.sveve import SveveTransport
from tests.messaging.gateways import SECRET, USER, Gateway, Sveve, open_gateway

# The certificate must hold on the tests' own day.
FROM = datetime(2026, 1, 1, tzinfo=UTC)


class Elsewhere(http.Account):
    """An account on this machine that is spoken to as one elsewhere."""

    @property
    def base(self) -> str:
        return f"https://{self.host}:{self.port}"


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """Of 127.0.0.1, signed by itself; key and certificate in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "127.0.0.1")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(FROM)
        .not_valid_after(FROM + timedelta(days=20_000))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path / "certificate.pem"
    path.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def sveve(certificate: Path) -> Iterator[Gateway]:
    gateway = Sveve()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    gateway.socket = context.wrap_socket(gateway.socket, server_side=True, do_handshake_on_connect=False)
    with open_gateway(gateway):
        yield gateway


@pytest.fixture
def transport(sveve: Gateway) -> Iterator[SveveTransport]:
    made = SveveTransport(Elsewhere(host="127.0.0.1", user=USER, secret=SECRET, port=sveve.port))
    made.open()
    yield made
    made.close()


def send(transport: SveveTransport) -> Any:
    return transport.send(Outgoing(id=uuid4(), address="+4791234567", text="Hei"))


def trust(transport: SveveTransport, certificate: Path) -> None:
    assert transport._session is not None
    transport._session.verify = str(certificate)


def test_several_go_over_one_encrypted_connection(sveve: Gateway, transport: SveveTransport, certificate: Path) -> None:
    trust(transport, certificate)
    assert [send(transport).state for _ in range(3)] == [DeliveryState.SENT] * 3
    assert (sveve.conversations, len(sveve.taken)) == (1, 3)


def test_a_cut_encrypted_line_leaves_it_unknown(sveve: Gateway, transport: SveveTransport, certificate: Path) -> None:
    trust(transport, certificate)
    sveve.mood = "cut off"
    assert send(transport).state == DeliveryState.UNKNOWN


def test_a_certificate_that_nobody_vouches_for_gets_nothing(sveve: Gateway, transport: SveveTransport) -> None:
    outcome = send(transport)
    assert (outcome.state, outcome.problem, outcome.broken) == (DeliveryState.QUEUED, "Sveve SSLError", True)
    assert not sveve.asked
