"""The question bank: questions by position with their versions, review, law, import and export, matrices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from flask import url_for
from flask_login import current_user

from examapp.bank import (  # noqa: F401 - each adds its pages to the blueprint
    bulk_routes,
    column_routes,
    duplicate_routes,
    edit_routes,
    export_routes,
    handing_routes,
    import_routes,
    law_file_routes,
    law_routes,
    law_watch,
    law_watch_routes,
    list_routes,
    matrix_routes,
    mend_routes,
    preview_routes,
    print_routes,
    review_routes,
    review_set_routes,
    topic_routes,
    usage_routes,
    version_routes,
    work_routes,
    writing_routes,
)
from examapp.bank.bulk_changes import JOB as CHANGE_JOB
from examapp.bank.bulk_changes import change_job
from examapp.bank.cli import questions_group
from examapp.bank.duplicates import JOB as DUPLICATES_JOB
from examapp.bank.duplicates import find_job
from examapp.bank.exchange.declared import JOBS as EXCHANGE_JOBS
from examapp.bank.exports import JOB as EXPORT_JOB
from examapp.bank.exports import export_job
from examapp.bank.import_reading import JOB as IMPORT_JOB
from examapp.bank.import_reading import read_import_job
from examapp.bank.law_watch import Watch
from examapp.bank.marked_copies import JOB as MARK_JOB
from examapp.bank.marked_copies import mark_copy_job
from examapp.bank.reviews import returned_to, waiting_count
from examapp.bank.routes import bp
from examapp.bank.scope import READS
from examapp.bank.starter import load_samples
from examapp.bank.storing import JOB as STORE_JOB
from examapp.bank.storing import store_import_job
from examapp.bank.submitting import JOB as SUBMIT_JOB
from examapp.bank.submitting import submit_job
from examapp.bank.work import tasks_for
from examapp.core import clock
from examapp.core.permissions import Permission
from examapp.core.room import Link, Room, Task
from examapp.core.words import N_, _

GROUP = N_("Ngân hàng câu hỏi")
WATCHERS = (Permission.BANK_EDIT, Permission.BANK_MANAGE)


def _waiting() -> int | None:
    return waiting_count(current_user) or None


def _lapsing() -> int | None:
    """The person's own questions whose law has ended or ends within the notice."""
    if not current_user.may(Permission.BANK_EDIT):
        return None
    return law_watch.lapsing_count(current_user, clock.today()) or None


def _law_tasks() -> Iterator[Task]:
    advice = _("Đổi sang văn bản thay thế, giữ theo điều khoản chuyển tiếp hoặc ngừng dùng.")
    labels = {Watch.HELD: _("Câu hỏi đã hết căn cứ"), Watch.SOON: _("Câu hỏi sắp hết căn cứ")}
    for watch, label in labels.items():
        if count := law_watch.count(current_user, watch, clock.today()):
            url = url_for("bank.law_watch_list", show=watch.value)
            yield Task(label, url, advice, count, urgent=watch is Watch.HELD)


def _tasks() -> Sequence[Task]:
    """Drafts that came back to their writer, and questions waiting for this reviewer."""
    tasks = []
    if current_user.may(Permission.BANK_EDIT) and (returned := returned_to(current_user)):
        url = url_for("bank.question_list", returned="yes")
        tasks.append(Task(_("Câu hỏi bị trả lại, cần sửa"), url, _("Người thẩm định đã ghi nhận xét."), returned))
    if current_user.may(Permission.BANK_REVIEW) and (count := waiting_count(current_user)):
        tasks.append(Task(_("Câu hỏi chờ thẩm định"), url_for("bank.review_queue"), count=count))
    if current_user.may(Permission.BANK_EDIT):
        tasks += _law_tasks()
    return [*tasks, *tasks_for(current_user)]


room = Room(
    blueprint=bp,
    cli=(questions_group,),
    jobs={
        IMPORT_JOB: read_import_job,
        STORE_JOB: store_import_job,
        SUBMIT_JOB: submit_job,
        MARK_JOB: mark_copy_job,
        EXPORT_JOB: export_job,
        CHANGE_JOB: change_job,
        DUPLICATES_JOB: find_job,
        **EXCHANGE_JOBS,
    },
    navigation=(
        Link(N_("Việc của tôi"), "bank.my_work", (Permission.BANK_EDIT, Permission.BANK_REVIEW), GROUP),
        Link(N_("Câu hỏi"), "bank.question_list", tuple(READS.values()), GROUP),
        Link(N_("Thẩm định"), "bank.review_queue", (Permission.BANK_REVIEW,), GROUP, count=_waiting),
        Link(N_("Gói thẩm định"), "bank.review_set_list", (Permission.BANK_REVIEW, Permission.BANK_MANAGE), GROUP),
        Link(N_("Giao viết câu hỏi"), "bank.writing_list", (Permission.BANK_MANAGE,), GROUP),
        Link(N_("Cần xem lại"), "bank.flagged_list", (Permission.BANK_MANAGE,), GROUP),
        Link(N_("Nhập tệp"), "bank.import_list", (Permission.BANK_IMPORT,), GROUP),
        Link(N_("Sắp hết căn cứ"), "bank.law_watch_list", WATCHERS, GROUP, count=_lapsing),
        Link(N_("Trao đổi ngân hàng"), "bank.exchange", (Permission.BANK_MANAGE,), GROUP),
        Link(N_("Văn bản pháp luật"), "bank.law_list", (Permission.LAW_READ,), GROUP),
        Link(N_("Chuyên đề"), "bank.topic_list", (Permission.BANK_MANAGE,), GROUP),
        Link(N_("Ma trận đề"), "bank.matrix_list", (Permission.MATRIX_READ,), GROUP),
    ),
    tasks=_tasks,
    shipped=load_samples,
)
