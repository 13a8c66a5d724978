"""Ed25519 over the canonical bytes of a manifest, and how a key is shown to people."""

from __future__ import annotations

import base64
import binascii
import re
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from examapp.bank.exchange import strict
from question_bank.question import canonical_json

ALGORITHM = "Ed25519"
_WRITTEN_KEY = re.compile(r"thuocdo-ed25519\s+([A-Za-z0-9+/]{43}=)")


def fingerprint_of(public: bytes) -> str:
    """What a key is known by: the SHA-256 of its 32 bytes."""
    return sha256(public).hexdigest()


def grouped(fingerprint: str) -> str:
    """To be read aloud over the telephone: in fours."""
    return " ".join(fingerprint[start : start + 4] for start in range(0, len(fingerprint), 4))


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    return key.public_key().public_bytes_raw()


def written_key(public: bytes) -> str:
    """The public key as one line to be copied."""
    return f"thuocdo-ed25519 {base64.b64encode(public).decode()}"


def fingerprint_in(pasted: str) -> str | None:
    """The fingerprint in what a person pasted, be it a key or the fingerprint itself; ``None`` when it is neither."""
    if found := _WRITTEN_KEY.search(pasted):
        return fingerprint_of(base64.b64decode(found.group(1)))
    bare = re.sub(r"[\s:.-]", "", pasted).lower()
    return bare if strict.SHA256.fullmatch(bare) else None


def sign(manifest: bytes, key: Ed25519PrivateKey) -> bytes:
    """What ``signature.json`` says."""
    public = public_bytes(key)
    return canonical_json(
        {
            "algorithm": ALGORITHM,
            "public_key": base64.b64encode(public).decode(),
            "fingerprint": fingerprint_of(public),
            "signature": base64.b64encode(key.sign(manifest)).decode(),
        }
    )


def verify(manifest: bytes, signature: bytes) -> str:
    """The fingerprint of the key that signed the manifest; ``ValueError`` when none did."""
    said = strict.mapping(strict.parse(signature), ("algorithm", "public_key", "fingerprint", "signature"))
    if said["algorithm"] != ALGORITHM:
        raise ValueError("another algorithm")
    try:
        public = base64.b64decode(said["public_key"], validate=True)
        Ed25519PublicKey.from_public_bytes(public).verify(base64.b64decode(said["signature"], validate=True), manifest)
    except (binascii.Error, TypeError, InvalidSignature) as error:
        raise ValueError("no signature of this key") from error
    if said["fingerprint"] != fingerprint_of(public):
        raise ValueError("another fingerprint")
    return fingerprint_of(public)
