"""Commands of the room."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from examapp.core.db import db, unit_of_work
from examapp.evaluation import exports, sheets
from examapp.evaluation.schemes import load_schemes
from examapp.organisation.models import Unit
from examapp.organisation.tree import subtree

group = AppGroup("evaluation", help="Đánh giá hằng năm: bộ tiêu chí, bảng tổng hợp.")


@group.command("load-schemes")
def load() -> None:
    """Nạp các bộ tiêu chí đi kèm hệ thống."""
    with unit_of_work():
        added = load_schemes()
    click.echo(f"Đã nạp {added} bộ tiêu chí mới.")


@group.command("export")
@click.option("--year", type=int, required=True, help="Năm đánh giá.")
@click.option("--unit", "unit_code", required=True, help="Mã đơn vị; gồm cả các đơn vị bên dưới.")
@click.option("-o", "output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Tệp .xlsx.")
def export(year: int, unit_code: str, output: Path) -> None:
    """Xuất bảng tổng hợp xếp loại của một đơn vị."""
    unit = db.session.scalar(select(Unit).where(Unit.code == unit_code))
    if unit is None:
        raise click.ClickException(f"Không có đơn vị mang mã {unit_code}.")
    below = subtree([unit.id], on=sheets.last_day(year))
    rows = sheets.sheets(sheets.find_evaluations(year, reach=None, unit_ids=below))
    with output.open("wb") as stream:
        exports.write_sheet(stream, rows, year=year, unit=unit)
    exports.note_export(year, unit)
    click.echo(f"Đã ghi {len(rows)} người vào {output}.")
