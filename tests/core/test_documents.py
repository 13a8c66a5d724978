"""The document engine: bundled fonts, official layout, the same bytes for the same data."""

from __future__ import annotations

import subprocess
from pathlib import Path
from shutil import which
from typing import Any

import pytest

from examapp.core.documents import ROOT, render_pdf

SLIP: dict[str, Any] = {
    "title": "Giấy xác nhận kết quả",
    "subject": "Kỳ thi mẫu",
    "opening": "Căn cứ Kế hoạch mẫu:",
    "facts": [["Họ và tên", "Nguyễn Thị Ưởng"], ["Đơn vị", ""]],
    "head": ["Phần thi", "Số câu", "Số câu đúng", "Điểm", "Điểm tối đa"],
    "rows": [["Phần chung", "1", "1", "1", "1"]],
    "total": ["Tổng cộng", "1", "1", "1", "1"],
    "outcome": [["Kết quả", "Đạt"]],
    "standing": "Chưa có quyết định công nhận kết quả.",
    "recipients": ["Người dự thi;"],
    "code": "AAAA-BBBB-CCCC",
    "printed": "In ngày 22/11/2026",
}


def run(command: str, *arguments: str | Path) -> str:
    if which(command) is None:
        pytest.skip(f"{command} is not installed")
    return subprocess.run([command, *map(str, arguments)], capture_output=True, check=True).stdout.decode()


@pytest.fixture
def slip(context: None, tmp_path: Path) -> Path:
    path = tmp_path / "slip.pdf"
    path.write_bytes(render_pdf("results/documents/slip.typ", SLIP))
    return path


def test_only_the_fonts_that_ship_are_used(slip: Path) -> None:
    fonts = {line.split()[0].split("+")[-1] for line in run("pdffonts", slip).splitlines()[2:]}
    assert fonts
    assert all(font.startswith("Tinos") for font in fonts)


def test_it_is_one_page_of_a4(slip: Path) -> None:
    facts = run("pdfinfo", slip)
    assert "Pages:           1\n" in facts
    assert "A4" in facts


def test_the_national_heading_fits_in_one_line(slip: Path) -> None:
    text = run("pdftotext", "-layout", slip, "-")
    line = next(line for line in text.splitlines() if "CỘNG HÒA" in line)
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in line
    assert "Số: …" in text
    assert "……………, ngày …… tháng …… năm ………" in text
    assert "………………………" in text  # a fact that is not known yet


def test_the_same_data_give_the_same_bytes(context: None) -> None:
    first = render_pdf("results/documents/slip.typ", SLIP)
    assert render_pdf("results/documents/slip.typ", SLIP) == first
    assert render_pdf("results/documents/slip.typ", SLIP | {"subject": "Kỳ thi khác"}) != first


def test_a_broken_template_says_where(context: None) -> None:
    with pytest.raises(Exception, match="outcome"):
        render_pdf("results/documents/slip.typ", {key: value for key, value in SLIP.items() if key != "outcome"})


def test_templates_ask_for_no_packages() -> None:
    for template in ROOT.rglob("*.typ"):
        assert "@preview" not in template.read_text(encoding="utf-8"), template
