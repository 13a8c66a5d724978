"""What is done with questions whose law ends: cite the successor, go on under a transitional provision, or retire."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.audit.services import record
from examapp.bank import law
from examapp.bank.content import present_content
from examapp.bank.law_watch import Lapse, lapses
from examapp.bank.models import Citation, LegalDocument, Question, QuestionState, TransitionalUse
from examapp.bank.questions import edit_question, retire_question
from examapp.bank.reviews import missing_for_review, submit_for_review
from examapp.core import clock, text
from examapp.core.db import db
from examapp.core.errors import Conflict, Invalid
from examapp.core.words import _
from question_bank import question as domain


@dataclass(slots=True)
class Outcome:
    """What became of the questions of one renewal, by code."""

    sent: list[str] = field(default_factory=list)
    """Waiting for review with the new citation."""
    drafts: list[str] = field(default_factory=list)
    """Renewed, but something still keeps them from review; or they were drafts before."""
    left: list[str] = field(default_factory=list)
    """Nothing was entered for them."""


def successor_symbol(lapse: Lapse) -> str:
    return lapse.successor.symbol if lapse.successor else ""


def renew(
    questions: Sequence[Question], places: Mapping[int, domain.Citation], *, editor: Account, on: date
) -> Outcome:
    """A new version of each question with the new citation in the place of the old one, sent to review again.

    ``places`` gives the new citation by the id of the old one; a question without any is left as it is.
    """
    documents = {found.id: found for found in db.session.scalars(select(LegalDocument))}
    keys = law.documents_by_key()
    for place in places.values():
        _check_new(place, keys, documents, on)
    known = {citation.id for question in questions for citation in question.current.citations}
    if not places.keys() <= known:
        raise Conflict(
            _("Có câu hỏi vừa được người khác sửa."), advice=_("Hãy mở lại danh sách rồi chọn lại các câu cần làm.")
        )
    outcome = Outcome()
    for question in questions:
        mine = {citation.id: places[citation.id] for citation in question.current.citations if citation.id in places}
        if not mine:
            outcome.left.append(question.code)
        else:
            sent = _renew_one(question, mine, editor)
            (outcome.sent if sent else outcome.drafts).append(question.code)
    return outcome


def _check_new(
    place: domain.Citation, keys: Mapping[str, tuple[int, str]], documents: Mapping[int, LegalDocument], on: date
) -> None:
    found = keys.get(law.symbol_key(place.document))
    if found is None:
        raise Invalid(_("Văn bản %(symbol)s chưa có trong danh mục văn bản pháp luật.", symbol=place.document))
    last_day = documents[found[0]].last_day
    if last_day is not None and last_day <= on:
        day = text.format_date(last_day)
        raise Invalid(_("Văn bản %(symbol)s hết hiệu lực sau ngày %(day)s.", symbol=found[1], day=day))


def _renew_one(question: Question, places: Mapping[int, domain.Citation], editor: Account) -> bool:
    """Whether the new version went to review."""
    was = question.state
    content = present_content(question)
    old = question.current.citations
    texts = content.citations if len(content.citations) == len(old) else tuple(_as_written(row) for row in old)
    new = tuple(places.get(row.id, written) for row, written in zip(old, texts, strict=True))
    edit_question(
        question,
        content=replace(content, citations=new),
        topic=question.current.topic,
        positions=list(question.positions),
        is_common=question.is_common,
        editor=editor,
        note=_("Đổi căn cứ sang %(symbols)s", symbols=", ".join(str(place) for place in places.values()))[:300],
    )
    if was not in {QuestionState.APPROVED, QuestionState.IN_REVIEW} or missing_for_review(question):
        return False
    submit_for_review(question)
    return True


def _as_written(row: Citation) -> domain.Citation:
    return domain.Citation(row.symbol, row.article, row.clause, row.point)


@dataclass(frozen=True, slots=True)
class Basis:
    """The transitional provision, why it applies, and until when."""

    citation: domain.Citation
    reason: str
    until: date | None = None


def keep(questions: Sequence[Question], basis: Basis, *, person: Account, on: date) -> int:
    """ "Còn áp dụng theo điều khoản chuyển tiếp": the present versions stay usable; says how many questions.

    An edit makes a new version, for which somebody has to say it again.
    """
    known = law.documents_by_key().get(law.symbol_key(basis.citation.document))
    cited = replace(basis.citation, document=known[1]) if known else basis.citation
    if not cited.document.strip() or not cited.article.strip():
        raise Invalid(_("Hãy ghi văn bản và điều có quy định chuyển tiếp."), field="basis_article")
    if not basis.reason.strip():
        raise Invalid(_("Hãy ghi lý do."), field="reason")
    kept = 0
    for question in questions:
        found = lapses(question, on)
        for lapse in {one.document.id: one for one in found}.values():
            _keep_one(question, lapse, replace(basis, citation=cited), person)
        kept += bool(found)
    db.session.flush()
    return kept


def _keep_one(question: Question, lapse: Lapse, basis: Basis, person: Account) -> None:
    end = lapse.document.last_day
    if basis.until is not None and end is not None and basis.until <= end:
        symbol, day = lapse.document.symbol, text.format_date(end)
        message = _("Ngày này phải sau ngày hết hiệu lực của %(symbol)s (%(day)s).", symbol=symbol, day=day)
        raise Invalid(message, field="until")
    uses = question.current.transitional_uses
    use = next((one for one in uses if one.document_id == lapse.document.id), None)
    if use is None:
        use = TransitionalUse(document_id=lapse.document.id)
        uses.append(use)
    use.basis_symbol, use.basis_article = basis.citation.document, basis.citation.article
    use.basis_clause, use.basis_point = basis.citation.clause, basis.citation.point
    use.reason, use.until, use.by_id, use.at = basis.reason.strip(), basis.until, person.id, clock.now()
    record(
        "question.kept",
        "question",
        question.code,
        version=question.current.number,
        document=lapse.document.symbol,
        basis=str(basis.citation),
        reason=use.reason,
        until=basis.until,
    )


def stop_keeping(question: Question) -> int:
    """The transitional provision applies no longer; from now on the document's own end counts."""
    uses = list(question.current.transitional_uses)
    if not uses:
        raise Conflict(_("Câu %(code)s không có căn cứ đang giữ theo điều khoản chuyển tiếp.", code=question.code))
    for use in uses:
        db.session.delete(use)
    db.session.flush()
    db.session.expire(question.current, ["transitional_uses"])
    record("question.keeping_stopped", "question", question.code, version=question.current.number, count=len(uses))
    return len(uses)


def basis_in_words(use: TransitionalUse) -> str:
    """The provision as it is cited, and the reason."""
    cited = domain.Citation(use.basis_symbol, use.basis_article, use.basis_clause, use.basis_point)
    return _("%(basis)s: %(reason)s", basis=str(cited), reason=use.reason)


def retire(questions: Sequence[Question], *, reason: str) -> int:
    for question in questions:
        retire_question(question, reason=reason)
    return len(questions)
