"""What waits for a person in the bank: to write, to review, to mend, to look at."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from flask import url_for

from examapp.accounts.models import Account
from examapp.bank import item_flags, review_sets, writing
from examapp.core import clock, text
from examapp.core.permissions import Permission
from examapp.core.room import Task
from examapp.core.words import _

SOON = timedelta(days=3)
"""Work that is due within this time is urgent."""


def tasks_for(person: Account) -> Iterator[Task]:
    """For the home page: writing, review sets, questions that did badly."""
    today = clock.today()
    manages = person.may(Permission.BANK_MANAGE)
    if person.may(Permission.BANK_EDIT):
        yield from _to_write(person)
        if not manages and (count := item_flags.count(person, mine=True)):
            yield Task(_("Câu hỏi cần xem lại theo kết quả thi"), url_for("bank.flagged_list"), count=count)
    if person.may(Permission.BANK_REVIEW):
        for one in review_sets.open_sets_of(person):
            if one.left:
                yield Task(
                    _("Gói thẩm định: %(name)s", name=one.set.name),
                    url_for("bank.review_set", ref=one.set.ref),
                    _("Hạn %(day)s", day=text.format_date(one.set.due_on)) if one.set.due_on else "",
                    one.left,
                    one.set.due_on is not None and one.set.due_on <= today + SOON,
                )
    if manages:
        yield from _to_keep(person)


def _to_keep(person: Account) -> Iterator[Task]:
    """What who keeps the bank has to see to: sets to close or to decide on, questions that did badly."""
    for label, condition in (
        (_("Gói thẩm định chờ số quyết định"), review_sets.undecided()),
        (_("Gói thẩm định quá hạn"), review_sets.overdue(clock.today())),
    ):
        if count := review_sets.count(condition):
            yield Task(label, url_for("bank.review_set_list"), count=count)
    if count := item_flags.count(person, mine=False):
        yield Task(_("Câu hỏi cần xem lại theo kết quả thi"), url_for("bank.flagged_list"), count=count)


def _to_write(person: Account) -> Iterator[Task]:
    tasks = writing.tasks_of(person)
    if not tasks:
        return
    first = tasks[0][0].due_on
    yield Task(
        _("Câu hỏi được giao viết"),
        url_for("bank.my_work"),
        _("Hạn gần nhất %(day)s", day=text.format_date(first)) if first else "",
        sum(task.count - done.total for task, done in tasks),
        first is not None and first <= clock.today() + SOON,
    )
