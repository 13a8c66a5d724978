"""Passwords: how they are hashed, compared and chosen."""

from __future__ import annotations

from functools import cache
from itertools import pairwise
from threading import BoundedSemaphore

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from examapp.accounts import codes
from examapp.core import text
from examapp.core.errors import Invalid
from examapp.core.words import _

SHORTEST, LONGEST = 10, 200

HASHER = PasswordHasher(time_cost=2, memory_cost=19456, parallelism=1, type=Type.ID)
"""A set recommended by OWASP that costs about 20 ms: everybody signs in within the same five minutes."""

_SLOTS = BoundedSemaphore(2)
"""Hashes at once in a process: each takes 19 MiB and a core, and saving answers goes first."""


def prepared(password: str) -> str:
    """One form of what a keyboard may send in several: composed letters, no blanks at the ends."""
    return text.nfc(password).strip()


def make_hash(password: str) -> str:
    with _SLOTS:
        return HASHER.hash(prepared(password))


def matches(password: str, stored: str | None) -> bool:
    """Whether ``password`` is the one behind ``stored``; takes as long when there is none."""
    with _SLOTS:
        try:
            return HASHER.verify(stored or _hash_of_nobody(), prepared(password)[:LONGEST]) and stored is not None
        except (VerificationError, InvalidHashError):
            return False


@cache
def _hash_of_nobody() -> str:
    return HASHER.hash("no account has this password")


def is_weaker(stored: str) -> bool:
    """Whether ``stored`` was made with smaller parameters than those of today."""
    old = extract_parameters(stored)
    return (
        old.type is not HASHER.type
        or old.memory_cost < HASHER.memory_cost
        or old.time_cost < HASHER.time_cost
        or old.hash_len < HASHER.hash_len
    )


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
