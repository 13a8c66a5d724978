"""Commands of the room, and what its clockwork does every minute."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from examapp.core import clock
from examapp.core.db import unit_of_work
from examapp.core.words import ngettext
from examapp.sittings.settle import settle_due

CHUNK = 20
"""Sittings settled in one transaction: the write lock is never held for long."""

sittings_group = AppGroup("sittings", help="Lượt làm bài.")


def settle_in_chunks() -> int:
    """Settle whatever is due, a few at a time."""
    total = 0
    while True:
        with unit_of_work():
            done = settle_due(clock.now(), limit=CHUNK)
        total += done
        if done < CHUNK:
            return total


def settle_every_minute() -> None:
    settle_in_chunks()


@sittings_group.command("settle-due")
def settle_due_command() -> None:
    """Chốt các lượt làm bài đã nộp hoặc đã hết thời gian nhận bài."""
    click.echo(ngettext("Đã chốt %(n)s lượt làm bài.", "Đã chốt %(n)s lượt làm bài.", settle_in_chunks()))
