"""Commands of the room: import a workbook, load the catalogues of positions, write the template."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import AppGroup

from examapp.core.db import db, unit_of_work
from examapp.core.errors import HouseError
from examapp.organisation.catalogue import load_positions
from examapp.organisation.importing import store_plan
from examapp.organisation.imports import Fate, Plan, make_plan, read_upload
from examapp.organisation.sheets import SHEETS
from examapp.organisation.template import template_workbook

organisation_group = AppGroup("organisation", help="Tổ chức: đơn vị, vị trí, người, giữ vị trí.")


@organisation_group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="Chỉ kiểm tra và nêu thay đổi, không lưu.")
def import_file(file: Path, dry_run: bool) -> None:
    """Nhập đơn vị, vị trí, người và việc giữ vị trí từ tệp Excel FILE."""
    try:
        contents = read_upload(file.read_bytes(), file.name)
        if dry_run:
            plan = make_plan(contents)
            db.session.rollback()
            _tell(plan)
        else:
            with unit_of_work():
                plan = make_plan(contents)
                _tell(plan)
                store_plan(plan, name=file.name)
    except HouseError as error:
        click.echo(f"{error.message} {error.advice}".strip(), err=True)
        sys.exit(1)
    if plan.errors:
        sys.exit(1)
    click.echo("Chưa lưu gì (chỉ kiểm tra)." if dry_run else "Đã lưu.")


def _tell(plan: Plan) -> None:
    for problem in plan.problems:
        click.echo(f"{problem.place}: {'lỗi' if problem.is_error else 'lưu ý'}: {problem.message}", err=True)
    for sheet in SHEETS:
        if plan.changes[sheet.key]:
            created, changed, same = (plan.count(sheet.key, fate) for fate in Fate)
            click.echo(f"{sheet.name}: thêm {created}, sửa {changed}, giữ nguyên {same}.")


@organisation_group.command("positions")
def load() -> None:
    """Nạp danh mục vị trí ban hành sẵn (làm lại không đổi gì)."""
    with unit_of_work():
        number = load_positions()
    click.echo(f"Đã thêm hoặc sửa {number} vị trí.")


@organisation_group.command("template")
@click.argument("file", type=click.Path(dir_okay=False, path_type=Path))
def template(file: Path) -> None:
    """Ghi tệp Excel mẫu ra FILE."""
    file.write_bytes(template_workbook())
    click.echo(f"Đã ghi {file}.")
