"""Commands of the room results."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy import select

from examapp.core.db import db, unit_of_work
from examapp.results.exports import Extent, Format, record_export, write
from examapp.rounds.models import ExamRound

results_group = AppGroup("results", help="Kết quả thi: xuất tệp.")


@results_group.command("export")
@click.option("--round", "code", required=True, help="Mã kỳ thi.")
@click.option("--format", "form", type=click.Choice([one.value for one in Format]), default="xlsx", show_default=True)
@click.option("-o", "--output", type=click.Path(dir_okay=False, path_type=Path), required=True, help="Tệp kết quả.")
def export(code: str, form: str, output: Path) -> None:
    """Xuất kết quả của một kỳ thi ra tệp Excel, CSV hoặc JSON."""
    exam_round = db.session.scalar(select(ExamRound).where(ExamRound.code == code))
    if exam_round is None:
        raise click.ClickException(f"Không có kỳ thi mã {code}.")
    extent = Extent(exam_round.id)
    db.session.expunge(exam_round)
    try:
        with output.open("wb") as stream:
            rows = write(stream, Format(form), exam_round, extent)
    except OSError as error:
        raise click.ClickException(f"Không ghi được tệp {output}: {error.strerror}.") from None
    with unit_of_work():
        record_export(exam_round, Format(form), extent)
    click.echo(f"Đã ghi {rows} dòng vào {output}.")
