"""One-time codes of sign-in slips: ten characters nobody confuses, of which only a hash is kept."""

from __future__ import annotations

import hashlib
import hmac
import secrets

ALPHABET = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"
"""Without 0 O 1 I L: 31 characters, so ten of them hold 49 bits."""

LENGTH = 10


def new_code() -> str:
    """As printed, in two groups: ``K7MPQ-3XW9T``."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return f"{drawn[:5]}-{drawn[5:]}"


def bare(code: str) -> str:
    """As compared: upper case, without blanks and dashes, however it was typed."""
    return "".join(c for c in code.upper() if c.isalnum())


def hash_of(code: str, account_id: int) -> str:
    """Bound to its account, so that one guess cannot be tried on all accounts of a stolen table."""
    return hashlib.sha256(f"{account_id}:{bare(code)}".encode()).hexdigest()


def is_code(typed: str, account_id: int, stored: str) -> bool:
    return hmac.compare_digest(hash_of(typed, account_id), stored)
