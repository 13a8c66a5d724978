"""A partner's package may hold anything: it is signed, not to be believed."""

from __future__ import annotations

import json
import zipfile
from io import BytesIO

import pytest
from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.bank.exchange import signing
from examapp.bank.exchange.models import ExchangeItem, Fate
from examapp.bank.exchange.package import DOCUMENTS, MANIFEST, QUESTIONS, SIGNATURE, STATISTICS, TOPICS
from examapp.bank.models import LegalDocument, Question, QuestionState, QuestionVersion
from question_bank.question import canonical_json, digest
from tests.bank.exchange.test_package import zipped


@pytest.fixture
def sender(province, commune):
    """Signs whatever it is given, with a key that the commune trusts as far as it goes."""
    commune.trust(province, review=True)
    province.question()
    with zipfile.ZipFile(BytesIO(province.pack())) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}

    def send(change, **others):
        from examapp.bank.exchange import keys

        lines = [json.loads(line) for line in members[QUESTIONS].splitlines()]
        change(lines[0])
        for version in lines[0]["versions"]:
            version["digest"] = digest(canonical_json(version["content"]))
        changed = {**members, QUESTIONS: b"".join(canonical_json(line) + b"\n" for line in lines), **others}
        manifest = json.loads(members[MANIFEST])
        manifest["members"] = {n: digest(data) for n, data in changed.items() if n not in {MANIFEST, SIGNATURE}}
        written = canonical_json(manifest)
        with province.app.app_context():
            signature = signing.sign(written, keys.own_key())
        return zipped({**changed, MANIFEST: written, SIGNATURE: signature})

    return send


def in_content(**values):
    def change(line):
        line["versions"][0]["content"].update(values)

    return change


def test_scripts_do_not_come_in(sender, commune):
    bad = '<p>Câu hỏi <b>đậm</b><script>alert(1)</script><img src="https://xau.example/a.png" onerror="x()"></p>'
    page = commune.receive(sender(in_content(stem="Câu hỏi", stem_html=bad, explanation="<script>alert(2)</script>")))
    (stored,) = commune.all(select(QuestionVersion.content, QuestionVersion.digest))
    assert b"onerror" not in stored[0]
    assert b"alert(1)" not in stored[0]
    assert digest(stored[0]) == stored[1]
    code = commune.ask(select(Question.code))
    page = commune.open().open(f"/bank/questions/{code}")
    assert "<script>alert" not in page.html


def test_scripts_are_not_shown_before_they_are_refused(sender, commune):
    bad = "<p>Câu hỏi <script>alert(1)</script><b>x</b></p>"
    topics = canonical_json(
        {
            "topics": [
                {"code": "x", "name": "<script>alert(3)</script>", "strand": "ky_nang", "parent": "", "position": ""}
            ],
            "positions": [{"code": "<b>y", "name": "<script>alert(4)</script>"}],
        }
    )

    def change(line):
        in_content(stem="Câu hỏi x", stem_html=bad)(line)
        line.update(topic="x", positions=["<b>y"])

    _reader, page = commune.upload(sender(change, **{TOPICS: topics}))
    assert "<script>alert" not in page.html
    assert "Vị trí “<script>alert(4)</script>”" in page.text


def test_what_cannot_be_checked_waits_although_it_was_approved(sender, commune):
    commune.receive(sender(in_content(options=[])))
    assert commune.ask(select(Question.state)) is QuestionState.IN_REVIEW


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (in_content(kind="unheard_of"), "Loại câu hỏi “unheard_of” chưa có"),
        (in_content(kind="../x"), "Loại câu hỏi “../x” chưa có"),
        (lambda line: line.update(bank="practice"), "không đúng dạng"),
        (lambda line: line.update(topic="khong_co"), "Chuyên đề “khong_co” không có trong gói"),
        (lambda line: line.update(state="retired"), "Nơi gửi đã ngừng dùng"),
        (lambda line: line.update(state=5), "không đúng dạng"),
    ],
)
def test_what_cannot_be_taken_is_named(sender, commune, change, said):
    page = commune.receive(sender(change))
    assert said in page.text
    assert commune.all(select(ExchangeItem.fate)) == [(Fate.SKIPPED,)]
    assert commune.count(Question) == 0


@pytest.mark.parametrize(
    "values",
    [
        {"stem": "".join(f"từ thứ {n} " for n in range(200_000))},
        {"stem": "có ký tự\u0000 và \u202e lạ", "explanation": "\u0000"},
        {"details": {"a": [[[[{}]]]], "html": "<p>x</p>", "1": None}},
        {"tags": ["x" * 500, "", "x" * 500]},
        {"citations": [{"document": "x" * 1000, "article": "y" * 90, "clause": "", "point": ""}]},
        {"seconds": 0},
        {"level": None},
        {"points": 2**31 - 1},
    ],
)
def test_odd_contents_are_stored_or_named_and_harm_nothing(sender, commune, values):
    page = commune.receive(sender(in_content(**values)))
    assert page.status == 200
    for code in commune.all(select(Question.code)):
        commune.open().open(f"/bank/questions/{code[0]}")
    commune.open().open("/bank/")


def test_the_same_question_twice_is_taken_once(sender, province, commune):
    with zipfile.ZipFile(BytesIO(province.pack())) as archive:
        line = archive.read(QUESTIONS)
    page = commune.receive(sender(lambda line: None, **{QUESTIONS: line * 2}))
    assert "đã có ở một dòng trước của gói" in page.text
    assert commune.count(Question) == 1


@pytest.mark.parametrize(
    "document",
    [
        {"in_force_from": "2026-01-01", "in_force_to": "2020-01-01"},
        {"link": "javascript:alert(1)"},
        {"issued_on": "2030-01-01", "in_force_from": "2020-01-01"},
    ],
)
def test_law_that_contradicts_itself_does_not_come(sender, commune, document):
    full = {
        **{name: "" for name in ("kind", "issuer", "link", "field", "superseded_by", "note")},
        **dict.fromkeys(("issued_on", "in_force_from", "in_force_to", "superseded_on")),
        "symbol": "99/2026/NĐ-CP",
        "title": "Văn bản mẫu",
        "party": False,
        "mark": "V",
        "checked": True,
        "amendments": [{"by": "99/2026/NĐ-CP", "on": None}],
        **document,
    }
    cited = [{"document": "99/2026/NĐ-CP", "article": "1", "clause": "", "point": ""}]
    reader, page = commune.upload(sender(in_content(citations=cited), **{DOCUMENTS: canonical_json([full])}))
    assert "Không thêm được" in page.text
    reader.submit("Nhận")
    commune.work()
    assert commune.all(select(LegalDocument.symbol)) == [("23/2015/NĐ-CP",)]
    assert commune.count(Question) == 1


@pytest.mark.parametrize("name", [TOPICS, DOCUMENTS, STATISTICS])
@pytest.mark.parametrize("data", [b"{}", b"[1]", b"null\n", b"[" * 99_999, b"\xff\n", b""])
def test_neighbours_of_another_form_are_refused(sender, commune, name, data):
    if (name, data) in {(STATISTICS, b"")}:
        return
    _reader, page = commune.upload(sender(lambda line: None, **{name: data}), status=422)
    assert name in page.text


def test_what_waits_on_the_own_paper_is_neither_shown_nor_taken(province, commune, monkeypatch):
    """Whoever receives a package may sit an exam: what stands on the own paper stays closed."""
    official = commune.build.official()
    keeper = commune.build.account(official, Role.BANK_MANAGER)
    shared = province.question("Câu trong đề?")
    commune.trust(province)
    commune.receive(province.pack())
    province.edit(shared.uid, "Câu trong đề, tỉnh sửa?")
    here = commune.ask(select(Question.id).where(Question.uid == shared.uid))
    monkeypatch.setitem(
        commune.app.extensions, "conceals", [lambda found: frozenset({here} if found == official.id else ())]
    )
    commune.keeper = keeper
    page = commune.receive(province.pack())
    assert "nằm trong đề của chính tài khoản này" in page.text
    assert "Câu trong đề" not in page.text
    assert commune.stems(shared.uid) == ["Câu trong đề?"]
    commune.question("Câu khác?")
    data = commune.pack()
    from examapp.bank.exchange.package import Package

    assert [found.last.content.stem for _line, found in Package(data).questions()] == ["Câu khác?"]
