"""Keys of service accounts, made for a test."""

import json
from pathlib import Path

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa


def write_key_file(path: Path, token_url: str) -> Path:
    """Write the file of a service account whose tokens come from a URL."""
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = private.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    told = {
        "type": "service_account",
        "project_id": "p",
        "private_key_id": "1",
        "private_key": pem.decode(),
        "client_email": "tester@p.iam.gserviceaccount.com",
        "token_uri": token_url,
    }
    path.write_text(json.dumps(told))
    return path
