"""Late answers before the council: who has some, what is known of each, and the decision."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from examapp.core import clock
from examapp.core.errors import Invalid, NotFound
from examapp.core.paging import listed, page_number
from examapp.core.permissions import Permission, requires
from examapp.core.words import N_, _, ngettext
from examapp.invigilation import board as boards
from examapp.invigilation.forms import DecisionForm
from examapp.invigilation.routes import bp
from examapp.rounds.models import ExamRound, RoundState
from examapp.rounds.services import get_round
from examapp.sittings import codes, council, late
from examapp.sittings.late_answers import LateSitting, late_of, read_key
from examapp.sittings.models import DeliveryWay, Sitting, SittingState

WAYS = {
    None: N_("qua mạng, từ trang bài thi"),
    DeliveryWay.FILE: N_("bằng tệp"),
    DeliveryWay.QR: N_("bằng mã QR"),
    DeliveryWay.LEFTOVER: N_("máy đã dùng tự gửi sau"),
}
COMPUTED = {RoundState.CLOSED, RoundState.PUBLISHED}


def _round(code: str) -> ExamRound:
    return get_round(code, person=current_user, permission=Permission.ROUND_WATCH)


def _sitting(exam_round: ExamRound, candidate_id: int) -> Sitting:
    found = boards.detail_of(exam_round.id, candidate_id, now=clock.now()).sitting
    if found is None:
        raise NotFound()
    return found


@bp.get("/<string:code>/late")
@requires(Permission.ROUND_WATCH)
def late_list(code: str) -> str:
    """Who has late answers: those that wait, or all there are."""
    exam_round = _round(code)
    shows_all = request.args.get("show") == "all"
    everybody = late.late_events(exam_round)
    waiting = [one for one in everybody if one.waiting]
    rows = everybody if shows_all else waiting
    page = listed(rows, number=page_number(), size=boards.PER_PAGE)
    return render_template(
        "invigilation/late.html",
        round=exam_round,
        rows=page.items,
        page=page,
        everybody=len(everybody),
        waiting=sum(len(one.waiting) for one in waiting),
        people=len(waiting),
        shows_all=shows_all,
        settled=SittingState.SETTLED,
        decides=council.may_decide(exam_round, current_user),
        has_addenda=any(event.verdict for one in everybody for event in one.events),
        is_computed=exam_round.state in COMPUTED,
        publishes=current_user.may(Permission.RESULTS_PUBLISH),
    )


@bp.get("/<string:code>/late/<int:candidate_id>")
@requires(Permission.ROUND_WATCH)
def late_person(code: str, candidate_id: int) -> str:
    exam_round = _round(code)
    return _person_page(exam_round, _sitting(exam_round, candidate_id), DecisionForm(formdata=None), ())


def _person_page(exam_round: ExamRound, sitting: Sitting, form: DecisionForm, picked: Sequence[str]) -> str:
    found = late_of(sitting)
    shows_all = request.args.get("show") == "all" or not found.waiting
    events = [event for event in found.events if shows_all or event.waits or event.verdict]
    page = listed(events, number=page_number(), size=boards.PER_PAGE)
    to_decide = len(_decidable(found))
    return render_template(
        "invigilation/late_person.html",
        round=exam_round,
        sitting=sitting,
        candidate=sitting.candidate,
        times=boards.times_of(sitting),
        events=page.items,
        page=page,
        everything=to_decide if to_decide > sum(event.waits and event.can_be_decided for event in page.items) else 0,
        everything_picked="everything" in request.form,
        hidden=len(found.events) - len(events),
        shows_all=shows_all,
        waiting=len(found.waiting),
        noted=codes.codes_of(sitting),
        addenda=late.addenda_of(sitting),
        decides=council.may_decide(exam_round, current_user) and exam_round.state is not RoundState.RECOGNISED,
        is_own=_is_own(sitting),
        is_settled=sitting.state is SittingState.SETTLED,
        form=form,
        picked=set(picked),
        ways=WAYS,
        to_second=_to_second(sitting),
    )


def _decidable(found: LateSitting) -> list[str]:
    """Keys of all that waits and can be decided, on whatever page it stands."""
    return [event.key for event in found.waiting if event.can_be_decided]


def _picked(sitting: Sitting) -> list[str]:
    """What was ticked: all of it, however much."""
    ticked = request.form.getlist("pick")
    return list(dict.fromkeys([*ticked, *_decidable(late_of(sitting))])) if "everything" in request.form else ticked


def _to_second(sitting: Sitting) -> Callable[[datetime], str]:
    """Moments to the second, with the day where it is another than that of the exam."""
    exam_day = clock.local(clock.from_ms(sitting.started_ms)).date()

    def written(moment: datetime) -> str:
        here = clock.local(moment)
        return here.strftime("%H:%M:%S" if here.date() == exam_day else "%d/%m/%Y %H:%M:%S")

    return written


def _is_own(sitting: Sitting) -> bool:
    own = current_user.official_id
    return own is not None and own == sitting.candidate.official_id


@bp.post("/<string:code>/late/<int:candidate_id>")
@requires(Permission.ROUND_WATCH)
def decide_late(code: str, candidate_id: int) -> BaseResponse | str | tuple[str, int]:
    """First what the decision will change, then the decision."""
    exam_round = _round(code)
    sitting = _sitting(exam_round, candidate_id)
    form = DecisionForm()
    picked = _picked(sitting)
    keys, accepted = [read_key(key) for key in picked], request.form.get("act") != "refuse"
    try:
        if not form.validate():
            if not keys:  # both at once, so that nobody mends one only to be told of the other
                form.blame(Invalid(_("Hãy chọn ít nhất một lượt trả lời."), field="pick"))
            return _person_page(exam_round, sitting, form, picked), 422
        late.require_decidable(sitting, reason=form.reason.data, by=current_user)
        if "confirmed" not in request.form:
            effect = late.effect_of(sitting, keys, accepted=accepted)
            return _confirm(exam_round, sitting, form, picked, effect, accepted)
        made = late.decide(sitting, keys, accepted=accepted, reason=form.reason.data, by=current_user, now=clock.now())
    except Invalid as error:
        form.blame(error)
        return _person_page(exam_round, sitting, form, picked), 422
    if made is None:
        flash(_("Đã quyết định như vậy từ trước, nên không ghi gì thêm."))
    else:
        flash(
            _(
                "Đã ghi quyết định và lập phụ lục số %(n)s, mã biên nhận mới %(code)s.",
                n=made.number,
                code=made.receipt,
            )
        )
    return redirect(url_for(".late_person", code=code, candidate_id=candidate_id), 303)


def _confirm(
    exam_round: ExamRound,
    sitting: Sitting,
    form: DecisionForm,
    picked: Sequence[str],
    effect: late.Effect,
    accepted: bool,
) -> str:
    return render_template(
        "invigilation/late_confirm.html",
        round=exam_round,
        candidate=sitting.candidate,
        accepted=accepted,
        reason=form.reason.data,
        picked=picked,
        changes=_changes(exam_round, sitting, effect),
        question=_question(sitting, effect, accepted),
    )


def _question(sitting: Sitting, effect: late.Effect, accepted: bool) -> str:
    values = {"n": len(effect.keys), "name": sitting.candidate.full_name, "slots": _numbers(effect.slots)}
    if accepted:
        return _("Chấp nhận %(n)s lượt trả lời đến muộn của %(name)s, ở câu %(slots)s?", **values)
    return _("Không chấp nhận %(n)s lượt trả lời đến muộn của %(name)s, ở câu %(slots)s?", **values)


def _changes(exam_round: ExamRound, sitting: Sitting, effect: late.Effect) -> list[str]:
    if not effect.keys:
        return [_("Không có gì: đã quyết định như vậy từ trước.")]
    lines = [
        _("Câu trả lời được tính đổi ở câu %(slots)s.", slots=_numbers(effect.changed))
        if effect.changed
        else _("Không câu trả lời được tính nào đổi: ở các câu này đã có câu trả lời sau đó, hoặc giống hệt."),
        _(
            "Bản chốt cũ và mã biên nhận %(code)s được giữ; một phụ lục có mã mới được lập bên cạnh.",
            code=sitting.receipt,
        ),
        _("Người dự thi đọc được quyết định và lý do ở trang biên nhận."),
    ]
    if exam_round.state in COMPUTED:
        lines.append(_("Kết quả chỉ đổi khi được tính lại ở trang kết quả kỳ thi."))
    return lines


def _numbers(slots: Sequence[int]) -> str:
    return ", ".join(map(str, slots))


def waiting_words(count: int) -> str:
    return ngettext(
        "%(n)s lượt trả lời chờ hội đồng quyết định",
        "%(n)s lượt trả lời chờ hội đồng quyết định",
        count,
    )
