"""Vietnamese text: composed, searched without marks, sorted by given name, numbers and dates as written here."""

from __future__ import annotations

import unicodedata
from datetime import UTC, date, datetime
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from examapp.core import text

IN_ORDER = ["An", "Ân", "Ẩn", "Dật", "Duy", "Đạt", "Hoa", "Hoà", "Sinh", "Thang", "Thăng", "Thắng"]
SYLLABLES = st.sampled_from(["An", "Ân", "Đức", "Hoà", "Nguyễn", "Văn", "Ư", "ỵ", "H'Hen", "Niê", "Thảo"])


def test_the_order_of_given_names():
    assert sorted(reversed(IN_ORDER), key=text.sort_key) == IN_ORDER
    keys = [text.sort_key(name) for name in IN_ORDER]
    assert len(set(keys)) == len(keys)


def test_a_tone_belongs_to_the_syllable():
    assert text.sort_key("Hoà") == text.sort_key("Hòa")
    assert text.sort_key("Hoà") < text.sort_key("Hoả") < text.sort_key("Hoã") < text.sort_key("Hoá")
    assert text.sort_key("Hoá") < text.sort_key("Hoạ")


def test_letters_follow_the_vietnamese_alphabet():
    alphabet = list("aăâbcdđeêfghijklmnoôơpqrstuưvwxyz")
    assert sorted(alphabet, key=text.sort_key) == alphabet
    assert sorted((letter.upper() for letter in alphabet), key=text.sort_key) == [x.upper() for x in alphabet]


def test_a_shorter_word_stands_before_a_longer_one():
    assert sorted(["Anh", "An", "Ánh"], key=text.sort_key) == ["An", "Anh", "Ánh"]
    assert sorted(["Thảo Nhi", "Thảo"], key=lambda n: text.sort_key(f"Lê {n}", n)) == ["Thảo", "Thảo Nhi"]


def test_given_name_then_middle_words_then_family_name():
    names = ["Trần Thị An", "Nguyễn Thị An", "Lê Văn An", "Nguyễn Văn Bình", "An Văn Bình"]
    assert sorted(reversed(names), key=text.sort_key) == [
        "Nguyễn Thị An",
        "Trần Thị An",
        "Lê Văn An",
        "An Văn Bình",
        "Nguyễn Văn Bình",
    ]


def test_an_edited_given_name_decides():
    assert text.given_name_of("H'Hen Niê") == "Niê"
    assert text.sort_key("H'Hen Niê", "H'Hen") < text.sort_key("Lê Văn Khoa") < text.sort_key("H'Hen Niê")
    assert text.sort_key("Lê Thảo Nhi") < text.sort_key("Lê Thảo Nhi", "Thảo Nhi") < text.sort_key("Lê Văn Thảo")
    assert text.sort_key("", "") == ""
    assert text.given_name_of("   ") == ""


def test_apostrophes_do_not_count_in_the_order():
    assert text.sort_key("H'Hen") == text.sort_key("HHen")


@given(st.lists(SYLLABLES, min_size=1, max_size=6).map(" ".join))
def test_the_key_does_not_depend_on_form_or_case(name):
    key = text.sort_key(name)
    assert key == text.sort_key(unicodedata.normalize("NFD", name)) == text.sort_key(name.upper())
    assert key.isascii()
    assert len(key) <= 400


@pytest.mark.parametrize(
    ("written", "folded"),
    [
        ("Nguyễn Văn Đức", "nguyen van duc"),
        ("  Phường\u00a0 ĐẠI  Từ ", "phuong dai tu"),
        ("ươ ƯƠ", "uo uo"),
        (unicodedata.normalize("NFD", "Ủy ban nhân dân"), "uy ban nhan dan"),
        ("", ""),
    ],
)
def test_fold(written, folded):
    assert text.fold(written) == folded


@given(st.text())
def test_folding_twice_changes_nothing(written):
    once = text.fold(written)
    assert text.fold(once) == once


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("nguyen van duc", True),
        ("NGUYEN VAN", True),
        ("văn đức", True),
        ("VĂN ĐỨC", True),
        ("vân", False),
        ("dức", False),
        ("hoa", False),
        ("", True),
    ],
)
def test_a_query_may_leave_marks_out_but_those_written_must_match(query, found):
    assert text.matches(query, "Nguyễn Văn Đức") is found


def test_a_query_may_set_the_tone_on_either_vowel():
    assert text.matches("hoà", "Lê Thị Hòa")
    assert text.matches("Hòa", "Lê Thị Hoà")
    assert not text.matches("Hòa", "Lê Thị Hoa")


def test_composed_form():
    assert text.nfc(unicodedata.normalize("NFD", "Đặng Thị Ệ")) == "Đặng Thị Ệ"


def test_what_cannot_be_seen_is_not_kept():
    assert text.nfc("Lê\u200b Văn\u202e An\x00\x0b\ud800") == "Lê Văn An"
    assert text.nfc("a\u200b\u0323") == "ạ"
    assert text.nfc("một\r\nhai\tba") == "một\r\nhai\tba"


def test_whole_numbers_as_a_row_can_have_them():
    assert [text.whole_number(raw) for raw in ("0", "27", "999999999")] == [0, 27, 999_999_999]
    assert {text.whole_number(raw) for raw in ("", "-1", "1e3", "٣", "²", "1" * 10, "9" * 5000)} == {None}


@pytest.mark.parametrize("written", ["01/01/0001", "31/12/9999", "05/02/0026", "31/12/1899"])
def test_years_that_nobody_means_are_no_dates(written):
    with pytest.raises(ValueError):  # noqa: PT011 - the text itself is the message
        text.parse_date(written)


@pytest.mark.parametrize("written", ["05/02/2026", "5/2/2026", "05-02-2026", " 5.2.2026 ", "5 / 2 / 2026"])
def test_dates_are_read(written):
    assert text.parse_date(written) == date(2026, 2, 5)


@pytest.mark.parametrize("written", ["", "31/02/2026", "2026-02-05", "5/2/26", "05/02/2026 08:00", "mai", "0/1/2026"])
def test_what_is_no_date_is_refused(written):
    with pytest.raises(ValueError):  # noqa: PT011 - the text itself is the message
        text.parse_date(written)


@given(st.dates(min_value=date(1900, 1, 1), max_value=date(2199, 12, 31)))
def test_dates_come_back(day):
    assert text.parse_date(text.format_date(day)) == day


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("8,5", "8.5"),
        ("8.5", "8.5"),
        ("1.065", "1065"),
        ("1.065,5", "1065.5"),
        ("1.234.567", "1234567"),
        ("-1.065", "-1065"),
        ("-0,25", "-0.25"),
        ("12 500", "12500"),
        (" 92,03 ", "92.03"),
        ("1.0655", "1.0655"),
    ],
)
def test_numbers_are_read(written, value):
    assert text.parse_decimal(written) == Decimal(value)


@pytest.mark.parametrize("written", ["", ",", "8,5.2", "1.06,5,1", "1.0651,5", "tám", "8,", ",5", "1e5", "--1", "8%"])
def test_what_is_no_number_is_refused(written):
    with pytest.raises(ValueError):  # noqa: PT011 - the text itself is the message
        text.parse_decimal(written)


@given(st.decimals(min_value=-(10**9), max_value=10**9, places=2))
def test_numbers_come_back(value):
    assert text.parse_decimal(text.format_number(value, 2)) == value


def test_numbers_are_written_with_point_and_comma():
    assert text.format_number(1065) == "1.065"
    assert text.format_number(Decimal("8.5"), 1) == "8,5"
    assert text.format_number(1234567.891, 2) == "1.234.567,89"
    assert text.format_number(0) == "0"


def test_halves_are_rounded_away_from_zero():
    assert text.round_half_up(Decimal("0.5")) == 1
    assert text.round_half_up(Decimal("-0.5")) == -1
    assert text.round_half_up(Decimal("2.345"), 2) == Decimal("2.35")
    assert text.round_half_up(Fraction(1, 3), 3) == Decimal("0.333")


def test_points_lose_useless_zeros():
    assert [text.format_points(p) for p in (8500, 10000, 8333, 250, 0, 1000000)] == [
        "8,5", "10", "8,33", "0,25", "0", "1.000",
    ]  # fmt: skip


def test_percentages():
    assert text.format_percent(209, 255) == "81,96%"
    assert text.format_percent(1, 3, 0) == "33%"
    assert text.format_percent(0, 0) == "–"


def test_moments_are_shown_in_vietnamese_time():
    moment = datetime(2026, 2, 4, 17, 30, tzinfo=UTC)
    assert text.format_moment(moment) == "05/02/2026 00:30"
    assert text.format_time(moment) == "00:30"
    assert text.format_moment(None) == text.format_time(None) == text.format_date(None) == ""
