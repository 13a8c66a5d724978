"""Vietnamese text: one composed form, search without marks, order of names, numbers and dates as written here."""

from __future__ import annotations

import math
import re
import unicodedata
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache

from examapp.core import clock

_ALPHABET = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
_LETTER_RANK = {letter: index for index, letter in enumerate(_ALPHABET, start=11)}
_TONE_RANK = {"\u0300": 1, "\u0309": 2, "\u0303": 3, "\u0301": 4, "\u0323": 5}  # huyền, hỏi, ngã, sắc, nặng
_SHAPES = {"\u0306", "\u0302", "\u031b"}  # breve, circumflex, horn: part of the letter, not a tone


class _Bare(dict[int, int | str]):
    """Each character without its marks, worked out when it is first met: an import folds a million of them."""

    def __missing__(self, code: int) -> int | str:
        bare = "".join(c for c in unicodedata.normalize("NFD", chr(code)) if not unicodedata.combining(c))
        found = self[code] = ord(bare) if len(bare) == 1 else bare
        return found


_BARE = _Bare({ord("đ"): ord("d"), ord("Đ"): ord("D")})


class _Visible(dict[int, int | None]):
    """Each character as it is, or nothing for one that cannot be seen; worked out when it is first met."""

    def __missing__(self, code: int) -> int | None:
        kept = self[code] = None if unicodedata.category(chr(code)) in {"Cc", "Cf", "Cs"} else code
        return kept


_VISIBLE = _Visible({ord(kept): ord(kept) for kept in "\n\r\t\u200d"})


def nfc(text: str) -> str:
    """The composed form without characters that cannot be seen; everything that enters the house passes here.

    Control characters break files and databases; marks of direction and of no width make two names look the same.
    """
    if not text.isprintable():
        text = text.translate(_VISIBLE)
    return unicodedata.normalize("NFC", text)


def fold(text: str) -> str:
    """For search: no marks, đ as d, lower case, single blanks."""
    return " ".join(text.translate(_BARE).lower().split())


def given_name_of(full_name: str) -> str:
    """The last word: right for most names, editable for the others (H'Hen Niê)."""
    words = full_name.split()
    return words[-1] if words else ""


def sort_key(full_name: str, given_name: str = "") -> str:
    """A plain string whose byte order is the Vietnamese order of names: given name, middle words, family name.

    Within a word letters come first, then its tone (ngang, huyền, hỏi, ngã, sắc, nặng), as in Unicode CLDR ``vi``.
    Apostrophes and hyphens do not count.
    """
    words = full_name.split()
    given = given_name.split() or words[-1:]
    rest = words[: -len(given)] if words[-len(given) :] == given else [w for w in words if w not in given]
    ordered = [*given, *rest[1:], *rest[:1]]
    return " ".join(_word_key(word) for word in ordered)


def matches(query: str, name: str) -> bool:
    """Whether ``name`` holds ``query``: marks may be left out, but those that are written must be there.

    A tone belongs to the syllable, so "Hoà" finds "Hòa".
    """
    if fold(query) not in fold(name):
        return False
    wanted, written = (" ".join(nfc(text).casefold().split()) for text in (query, name))
    return wanted == fold(query) or wanted in written or _toned(wanted) in _toned(written)


def _toned(words: str) -> str:
    """The words with each tone written after its syllable."""
    return " ".join(
        nfc("".join(c for c in decomposed if c not in _TONE_RANK)) + "".join(c for c in decomposed if c in _TONE_RANK)
        for decomposed in (unicodedata.normalize("NFD", word) for word in words.split())
    )


def _word_key(word: str) -> str:
    letters: list[str] = []
    tone = 0
    for char in unicodedata.normalize("NFD", word.lower()):
        if char in _TONE_RANK:
            tone = _TONE_RANK[char]
        elif char in _SHAPES and letters:
            letters[-1] = unicodedata.normalize("NFC", letters[-1] + char)
        elif char.isalnum():
            letters.append(char)
    ranks = "".join(f"{_LETTER_RANK.get(unicodedata.normalize('NFC', letter), 99):02d}" for letter in letters)
    return f"{ranks}/{tone}"


YEARS = range(1900, 2200)
_DATE = re.compile(r"^\s*(\d{1,2})\s*[/.\-]\s*(\d{1,2})\s*[/.\-]\s*(\d{4})\s*$")


class NoSuchDay(ValueError):
    """Written as a day, and no calendar has it: the 31st of February."""


def parse_date(text: str) -> date:
    """dd/mm/yyyy, also d/m/yyyy, dd-mm-yyyy and dd.mm.yyyy; ``ValueError`` otherwise."""
    match = _DATE.match(text)
    if match is None:
        raise ValueError(text)
    day, month, year = (int(group) for group in match.groups())
    try:
        found = date(year, month, day)
    except ValueError:
        raise NoSuchDay(text) from None
    return within_reach(found)


def within_reach(day: date) -> date:
    """The day, when there are days around it to reckon with; ``ValueError`` for slips such as the year 0026 or 9999."""
    if day.year not in YEARS:
        raise ValueError(day)
    return day


def whole_number(text: str) -> int | None:
    """A number of plain figures that a row can have; ``None`` for anything else an address or a hidden field holds."""
    return int(text) if re.fullmatch(r"[0-9]{1,9}", text) else None


def parse_decimal(text: str) -> Decimal:
    """Decimals with a comma, thousands with a point ("1.065,5"); a single point before other than three digits
    is read as a decimal point ("8.5"). ``ValueError`` otherwise."""
    raw = "".join(text.split())
    if re.fullmatch(r"-?[0-9]{1,3}(\.[0-9]{3})+(,[0-9]+)?", raw):
        raw = raw.replace(".", "")
    if not re.fullmatch(r"-?[0-9]+([.,][0-9]+)?", raw):
        raise ValueError(text)
    return Decimal(raw.replace(",", "."))


def format_number(value: int | float | Decimal | Fraction, digits: int = 0) -> str:
    """1065 → "1.065"; 8.5 with one digit → "8,5"."""
    rounded = round_half_up(value, digits)
    text = f"{rounded:,.{digits}f}"
    return text.translate(str.maketrans(",.", ".,"))


@lru_cache(maxsize=4_000)
def format_points(thousandths: int, digits: int = 2) -> str:
    """Points from thousandths, without useless zeros: 8500 → "8,5"."""
    text = format_number(Fraction(thousandths, 1000), digits)
    return text.rstrip("0").rstrip(",") if "," in text else text


def format_percent(part: int, whole: int, digits: int = 2) -> str:
    """209 of 255 → "81,96%"; nothing of nothing → "–"."""
    return "–" if not whole else format_number(Fraction(100 * part, whole), digits) + "%"


def round_half_up(value: int | float | Decimal | Fraction, digits: int = 0) -> Decimal:
    """Commercial rounding, exact for integers, decimals and fractions."""
    exact = Fraction(value)
    scale = int(10**digits)
    scaled = exact * scale
    whole = math.floor(abs(scaled) + Fraction(1, 2))
    return Decimal(whole if scaled >= 0 else -whole) / scale


def format_date(day: date | None) -> str:
    return day.strftime("%d/%m/%Y") if day else ""


def format_moment(moment: datetime | None) -> str:
    return clock.local(moment).strftime("%d/%m/%Y %H:%M") if moment else ""


def format_time(moment: datetime | None) -> str:
    return clock.local(moment).strftime("%H:%M") if moment else ""
