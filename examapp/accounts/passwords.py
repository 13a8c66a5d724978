"""Passwords: how they are hashed, compared and chosen."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from typing import TypeVar

from flask import current_app, g, has_request_context
from nacl.exceptions import InvalidkeyError
from nacl.pwhash import argon2id

from examapp.accounts import codes
from examapp.accounts.hashing import Desk
from examapp.core import clock, text
from examapp.core.errors import Invalid
from examapp.core.words import _

SHORTEST, LONGEST = 10, 200
Found = TypeVar("Found")

_PARAMETERS = re.compile(r"\$argon2id\$v=19\$m=([0-9]{1,9}),t=([0-9]{1,4}),p=1\$")


@dataclass(frozen=True, slots=True)
class Hasher:
    """argon2id of libsodium, which uses what the processor has: half the time of the reference implementation. One
    lane; hashes are written as everybody writes them."""

    memory_kib: int
    rounds: int

    def hash(self, password: str) -> str:
        made: bytes = argon2id.str(password.encode(), opslimit=self.rounds, memlimit=self.memory_kib * 1024)
        return made.decode()

    def verify(self, stored: str, password: str) -> bool:
        if not _PARAMETERS.match(stored):
            return False
        try:
            return bool(argon2id.verify(stored.encode(), password.encode()))
        except (InvalidkeyError, ValueError, RuntimeError):
            return False

    def is_stronger_than(self, stored: str) -> bool:
        """Whether ``stored`` was made with smaller parameters."""
        memory_kib, rounds = parameters(stored)
        return memory_kib < self.memory_kib or rounds < self.rounds


def parameters(stored: str) -> tuple[int, int]:
    """KiB of memory and rounds that a hash was made with; (0, 0) for what is none of ours."""
    found = _PARAMETERS.match(stored)
    return (int(found[1]), int(found[2])) if found else (0, 0)


HASHER = Hasher(memory_kib=9216, rounds=4)
"""One of the five sets that OWASP calls equal in defence; of the cheaper ones, because less memory has to be made ready
each time: everybody signs in within the same five minutes."""


def prepared(password: str) -> str:
    """One form of what a keyboard may send in several: composed letters, no blanks at the ends."""
    return text.nfc(password).strip()


def make_hash(password: str) -> str:
    return _apart(lambda: HASHER.hash(prepared(password)))


def matches(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one behind ``stored``; takes as long when there is none."""
    compared, tried = stored or _hash_of_nobody(), prepared(password)[:LONGEST]
    return _apart(lambda: HASHER.verify(compared, tried)) and stored is not None


def _apart(work: Callable[[], Found]) -> Found:
    """At the desk of the process when somebody waits for a page; a command has nobody to give way to."""
    if not has_request_context():
        return work()
    return desk().do(work, since=g.get("waiting_since") or clock.now().timestamp())


def desk() -> Desk:
    found: Desk = current_app.extensions["hashing"]
    return found


@cache
def _hash_of_nobody() -> str:
    return HASHER.hash("no account has this password")


def is_weaker(stored: str) -> bool:
    """Whether ``stored`` was made with smaller parameters than those of today."""
    return HASHER.is_stronger_than(stored)


def check_choice(password: str, *, login: str, account_id: int, phone: str | None = None, code_hash: str = "") -> None:
    """Length counts, composition does not; nothing that is printed on the slip or on everybody's list."""
    chosen = prepared(password)
    if len(chosen) < SHORTEST:
        raise Invalid(_("Mật khẩu cần ít nhất %(n)s ký tự. Một câu ngắn dễ nhớ là tốt nhất.", n=SHORTEST), field="new")
    if len(chosen) > LONGEST:
        raise Invalid(_("Mật khẩu không được dài quá %(n)s ký tự.", n=LONGEST), field="new")
    if code_hash and codes.is_code(chosen, account_id, code_hash):
        raise Invalid(_("Mật khẩu không được là mã in trên phiếu đăng nhập."), field="new")
    plain = _plain(chosen)
    if plain in {_plain(login), _plain(phone or "-")}:
        raise Invalid(_("Mật khẩu không được là mã cán bộ hoặc số điện thoại."), field="new")
    if plain in COMMON or len(set(plain)) < 4 or _is_run(plain):
        raise Invalid(_("Mật khẩu này quá phổ biến, dễ bị đoán. Hãy chọn mật khẩu khác."), field="new")


def _plain(value: str) -> str:
    return "".join(c for c in text.fold(value) if c.isalnum())


def _is_run(plain: str) -> bool:
    """1234567890, abcdefghijkl, 0987654321 and the like, also when the run begins again."""
    steps = {ord(b) - ord(a) for a, b in pairwise(plain)}
    return len(steps) == 1 or steps <= {1, -9} or steps <= {-1, 9}


def _words(lines: str) -> list[str]:
    return lines.split()


_STEMS = _words("""
    matkhau matkhaucuatoi password passw0rd iloveyou anhyeuem emyeuanh toiyeuvietnam vietnam hanoi hochiminh
    saigon danang haiphong quangninh qwertyuiop qwerty asdfghjkl 1q2w3e4r5t 1qaz2wsx3edc q1w2e3r4t5 abc abcd
    administrator admin canbo congchuc canboxa congchucxa uybannhandan ubnd thuocdo thitracnghiem xinchao welcome
    letmein giadinh giadinhtoi hanhphuc dangnhap khongcho khongbiet khongco chucmungnammoi motconvit conyeume
    conyeubame
""")
_TAILS = _words("""
    1 12 123 1234 12345 123456 1234567 12345678 123456789 1234567890 321 111 000 2023 2024 2025 2026 2027 abc
    123abc 123123 112233 123321
""")
_OTHERS = _words("""
    1231231231 123123123123 1122334455 0123456789a 1234512345 123456123456 147258369 1472583690 1234567891
    12345678910 1234567890a a123456789 aa123456789 0987654321a 1020304050 159357258456
""")

COMMON = frozenset([stem + tail for stem in _STEMS for tail in ("", *_TAILS, stem)] + _OTHERS)
"""Written from the habits people have here: common words, with the figures and years they put behind them."""
