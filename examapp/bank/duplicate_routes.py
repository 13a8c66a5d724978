"""Pages of near-duplicates: the pairs, one pair side by side, what a person decides."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from examapp.bank import duplicates, listing, questions, versions
from examapp.bank.content import present_content
from examapp.bank.filtering import Filters
from examapp.bank.models import DuplicatePair, PairVerdict
from examapp.bank.routes import bp, page_number
from examapp.bank.scope import concealed_from, get_question
from examapp.core.db import db
from examapp.core.errors import Invalid, NotFound
from examapp.core.jobs import start_job
from examapp.core.paging import paginate
from examapp.core.permissions import Permission, requires
from examapp.core.words import _, gettext
from question_bank.similarity import Likeness

A_PAGE = 15


@bp.get("/duplicates")
@requires(Permission.BANK_MANAGE)
def duplicate_list() -> str:
    raw = request.args.get("verdict", "")
    verdict = PairVerdict(raw) if raw in set(PairVerdict) else PairVerdict.OPEN
    query = duplicates.pairs_for(current_user, verdict=verdict, likeness=request.args.get("likeness", ""))
    page = paginate(query, number=page_number(), size=A_PAGE)
    hidden = concealed_from(current_user)
    shown = [pair for pair in page.items if not hidden & {pair.first_id, pair.second_id}]
    codes = [one.code for pair in shown for one in (pair.first, pair.second)]
    listing.note_listing(Filters(), page=f"duplicates {page.number}", codes=codes)
    counts = duplicates.counts_for(current_user)
    names = {one.value: gettext(label) for one, label in duplicates.LIKENESS.items()}
    return render_template(
        "bank/duplicates.html",
        page=page,
        verdict=verdict,
        stems={
            _key(pair): versions.compare([pair.first.current.stem], [pair.second.current.stem]) for pair in page.items
        },
        hidden=hidden,
        likeness=names,
        likeness_choices=[(one.value, f"{names[one.value]} ({counts.get(one, 0)})") for one in Likeness],
        verdict_choices=[(one.value, gettext(label)) for one, label in duplicates.VERDICTS.items()],
        chips=_chips(names),
    )


def _key(pair: DuplicatePair) -> tuple[int, int]:
    return pair.first_id, pair.second_id


def _chips(names: dict[str, str]) -> list[dict[str, str]]:
    wanted = request.args.get("likeness", "")
    return [{"label": names[wanted], "drop": "likeness"}] if wanted in names else []


@bp.post("/duplicates/find")
@requires(Permission.BANK_MANAGE)
def find_duplicates() -> ResponseReturnValue:
    job = start_job(duplicates.JOB, title=_("Tìm câu gần trùng"), owner_id=current_user.id)
    db.session.flush()
    return redirect(url_for("core.job", ref=job.ref), 303)


@bp.get("/duplicates/<string:first>/<string:second>")
@requires(Permission.BANK_MANAGE)
def duplicate_pair(first: str, second: str) -> str:
    pair = _pair(first, second)
    for question in (pair.first, pair.second):
        questions.note_reading(question, page="duplicates")
    before, after = present_content(pair.first), present_content(pair.second)
    return render_template(
        "bank/duplicate.html",
        pair=pair,
        rows=versions.difference(before, after),
        contents=[(pair.first, before), (pair.second, after)],
        likeness=gettext(duplicates.LIKENESS[pair.likeness]),
        verdict=gettext(duplicates.VERDICTS[pair.verdict]),
        may_merge=pair.first.bank is pair.second.bank,
    )


def _pair(first: str, second: str) -> DuplicatePair:
    """The pair; who sits an exam with one of the two sees neither."""
    pair = duplicates.get_pair(first, second, person=current_user)
    if concealed_from(current_user) & {pair.first_id, pair.second_id}:
        raise NotFound()
    return pair


@bp.post("/duplicates/<string:first>/<string:second>/different")
@requires(Permission.BANK_MANAGE)
def say_different(first: str, second: str) -> ResponseReturnValue:
    duplicates.say_different(_pair(first, second), person=current_user)
    flash(_("Đã ghi: %(first)s và %(second)s là hai câu khác nhau.", first=first, second=second), "success")
    return redirect(url_for("bank.duplicate_list"), 303)


@bp.post("/duplicates/<string:first>/<string:second>/merge")
@requires(Permission.BANK_MANAGE)
def merge_duplicates(first: str, second: str) -> ResponseReturnValue:
    pair, chosen = _pair(first, second), request.form.get("keep", "")
    if chosen not in {first, second}:
        raise Invalid(_("Hãy chọn câu được giữ lại."))
    how = duplicates.Merge(
        keeps_first=chosen == first,
        with_positions=bool(request.form.get("positions")),
        with_tags=bool(request.form.get("tags")),
    )
    kept = duplicates.merge(pair, how, person=current_user)
    flash(_("Đã gộp vào câu %(code)s; lịch sử của cả hai câu vẫn giữ.", code=kept.code), "success")
    return redirect(url_for("bank.question", code=kept.code), 303)


@bp.post("/questions/<string:code>/unmerge")
@requires(Permission.BANK_MANAGE)
def unmerge_question(code: str) -> ResponseReturnValue:
    question = get_question(code, person=current_user, permission=Permission.BANK_MANAGE)
    duplicates.unmerge(question, person=current_user)
    flash(_("Đã bỏ gộp câu %(code)s. Câu vẫn ngừng dùng cho tới khi đưa về bản nháp.", code=code), "success")
    return redirect(url_for("bank.question", code=code), 303)
