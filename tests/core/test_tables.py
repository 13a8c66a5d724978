"""The writer of tables, read back by other libraries."""

from __future__ import annotations

import csv
import io
import json
from datetime import UTC, date, datetime
from typing import Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from examapp.core.tables import (
    Column,
    Heading,
    Kind,
    Table,
    numbered,
    safe_cell,
    sheet_name,
    write_csv,
    write_json,
    write_xlsx,
)

COLUMNS = (
    Column("no", "TT", Kind.COUNT),
    Column("name", "Họ và tên"),
    Column("points", "Điểm", Kind.POINTS),
    Column("percent", "Tỷ lệ", Kind.PERCENT),
    Column("day", "Ngày", Kind.DATE),
    Column("at", "Lúc", Kind.MOMENT),
)
AT = datetime(2026, 2, 5, 1, 30, tzinfo=UTC)
ROWS = [
    (1, "Nguyễn Văn Mẫu", 8500, (2, 3), date(2026, 2, 5), AT),
    (2, "=1+1", 12345, (0, 0), None, None),
    (3, "", None, None, None, None),
]


def table(rows: Any = None, **options: Any) -> Table:
    return Table("Kết quả", COLUMNS, iter(ROWS if rows is None else rows), **options)


def xlsx(*tables: Table) -> bytes:
    stream = io.BytesIO()
    write_xlsx(stream, tables)
    return stream.getvalue()


def test_excel_keeps_values_and_formulas_stay_text(context: None) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(xlsx(table())))["Kết quả"]
    assert [cell.value for cell in sheet[1]] == [column.label for column in COLUMNS]
    first = [cell.value for cell in sheet[2]]
    assert first[:3] == [1, "Nguyễn Văn Mẫu", 8.5]
    assert first[3] == pytest.approx(2 / 3, abs=1e-6)
    assert (first[4], first[5]) == (datetime(2026, 2, 5), datetime(2026, 2, 5, 8, 30))
    second = sheet[3]
    assert (second[1].value, second[1].data_type) == ("=1+1", "s")
    assert (second[2].value, second[3].value) == (12.345, None)
    assert second[2].number_format == "0.00"


def test_excel_has_an_official_heading_and_a_closing_line(context: None) -> None:
    shown = table(heading=Heading("Bảng kết quả", ["Kỳ thi mẫu"]), closing=lambda n: f"Danh sách gồm {n} người.")
    rows = CalamineWorkbook.from_filelike(io.BytesIO(xlsx(shown))).get_sheet_by_index(0).to_python()
    texts = [[cell for cell in row if cell != ""] for row in rows]
    assert texts[0] == ["ỦY BAN NHÂN DÂN TỈNH (MẪU)", "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"]
    assert texts[1] == ["SỞ NỘI VỤ (MẪU)", "Độc lập - Tự do - Hạnh phúc"]
    assert texts[3:6] == [["BẢNG KẾT QUẢ"], ["Kỳ thi mẫu"], ["Dữ liệu trình diễn"]]
    assert texts[-1] == ["Danh sách gồm 3 người."]


def test_several_sheets_and_an_empty_one(context: None) -> None:
    book = CalamineWorkbook.from_filelike(io.BytesIO(xlsx(table(), Table("Trống", COLUMNS[:1], []))))
    assert book.sheet_names == ["Kết quả", "Trống"]
    assert book.get_sheet_by_name("Trống").to_python() == [["TT"]]


@pytest.mark.parametrize(
    ("name", "expected"),
    [("a/b:c", "a-b-c"), ("x" * 40, "x" * 31), ("''", "1"), ("Theo đơn vị", "Theo đơn vị")],
)
def test_names_of_sheets(name: str, expected: str) -> None:
    assert sheet_name(name) == expected


def test_a_row_of_another_length_is_a_fault(context: None) -> None:
    with pytest.raises(ValueError, match="zip"):
        xlsx(table([(1, "x")]))


def test_csv_is_what_excel_in_vietnam_opens() -> None:
    stream = io.BytesIO()
    assert write_csv(stream, table()) == 3
    raw = stream.getvalue()
    assert raw.startswith(b"\xef\xbb\xbfTT;")
    rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig")), delimiter=";"))
    assert rows[1] == ["1", "Nguyễn Văn Mẫu", "8,5", "66,67", "05/02/2026", "05/02/2026 08:30"]
    assert rows[2] == ["2", "'=1+1", "12,345", "", "", ""]
    assert rows[3] == ["3", "", "", "", "", ""]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r"])
def test_cells_that_look_like_formulas_are_defused(start: str) -> None:
    assert safe_cell(f"{start}cmd") == f"'{start}cmd"
    assert safe_cell(f"a{start}") == f"a{start}"


@given(st.lists(st.text(max_size=30), max_size=8))
def test_any_text_comes_back_from_csv(texts: list[str]) -> None:
    stream = io.BytesIO()
    write_csv(stream, Table("x", (Column("t", "T"), Column("u", "U")), [(text, "|") for text in texts]))
    rows = list(csv.reader(io.StringIO(stream.getvalue().decode("utf-8-sig"), newline=""), delimiter=";"))
    assert [row[0] for row in rows[1:]] == [safe_cell(text) for text in texts]


def test_json_has_exact_numbers() -> None:
    stream = io.BytesIO()
    write_json(stream, table(), about={"round": "X", "at": AT})
    data = json.loads(stream.getvalue())
    assert data["round"] == "X"
    assert data["at"] == "2026-02-05T01:30:00+00:00"
    assert data["rows"][0] == {
        "no": 1,
        "name": "Nguyễn Văn Mẫu",
        "points": 8.5,
        "percent": 66.67,
        "day": "2026-02-05",
        "at": "2026-02-05T01:30:00+00:00",
    }
    assert data["rows"][1]["points"] == 12.345
    assert data["rows"][1]["percent"] is None


@pytest.mark.parametrize("about", [{}, {"a": 1}])
def test_json_without_rows_is_valid(about: dict[str, int]) -> None:
    stream = io.BytesIO()
    write_json(stream, table([]), about=about)
    assert json.loads(stream.getvalue()) == {**about, "rows": []}


def test_progress_is_told_and_may_stop(context: None) -> None:
    told: list[int] = []
    many = ((n, "x", 0, (1, 2), None, None) for n in range(1200))
    write_xlsx(io.BytesIO(), [table(many)], progress=told.append)
    assert told == [500, 1000]

    def stop(done: int) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        write_csv(io.BytesIO(), table((n, "x", 0, (1, 2), None, None) for n in range(1200)), progress=stop)


def test_running_numbers() -> None:
    assert list(numbered([("a",), ("b",)])) == [(1, "a"), (2, "b")]
