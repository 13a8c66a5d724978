"""Commands of the room, and what its clockwork does every minute."""

from __future__ import annotations

import click
from flask.cli import AppGroup
from sqlalchemy import select

from examapp.core import clock
from examapp.core.db import db, unit_of_work
from examapp.core.words import _, ngettext
from examapp.rounds.models import ExamRound
from examapp.sittings.integrity import delete_expired
from examapp.sittings.receipts import verify_rounds
from examapp.sittings.settle import settle_in_chunks

sittings_group = AppGroup("sittings", help="Lượt làm bài.")


def settle_every_minute() -> None:
    settle_in_chunks()


def delete_expired_integrity() -> None:
    """What a round keeps of pages left ends with its time."""
    with unit_of_work():
        delete_expired(clock.now())


@sittings_group.command("settle-due")
def settle_due_command() -> None:
    """Chốt các lượt làm bài đã nộp hoặc đã hết thời gian nhận bài."""
    click.echo(ngettext("Đã chốt %(n)s lượt làm bài.", "Đã chốt %(n)s lượt làm bài.", settle_in_chunks()))


@sittings_group.command("verify")
@click.option("--round", "code", default="", help="Mã kỳ thi; bỏ trống: mọi kỳ thi.")
def verify_command(code: str) -> None:
    """Kiểm tra mọi mã biên nhận và phụ lục; mã thoát 1 khi có bài không khớp."""
    if code and db.session.scalar(select(ExamRound.id).where(ExamRound.code == code)) is None:
        raise click.BadParameter(_("Không có kỳ thi %(code)s.", code=code), param_hint="--round")
    checked = wrong = 0
    for sitting, problems in verify_rounds(code):
        checked += 1
        wrong += bool(problems)
        for problem in problems:
            click.echo(f"{sitting.candidate.round.code} {sitting.candidate.number} {sitting.ref}: {problem}")
    click.echo(_("Đã kiểm tra %(n)s bài, %(wrong)s bài không khớp.", n=checked, wrong=wrong))
    if wrong:
        raise SystemExit(1)
