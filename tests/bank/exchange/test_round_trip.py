"""Province → commune → edits → back: what one sends the other has, and nothing of either is lost."""

from __future__ import annotations

from io import BytesIO

from sqlalchemy import select

from examapp.accounts.models import Role
from examapp.audit.models import AuditEvent
from examapp.bank.exchange.models import (
    ExchangeItem,
    ExchangePackage,
    Fate,
    PackageState,
)
from examapp.bank.models import (
    BankKind,
    Question,
    QuestionState,
    QuestionVersion,
)
from examapp.core import clock
from tests.bank.builders import content
from tests.reader import Reader


def fates(place):
    return dict(place.all(select(ExchangeItem.uid, ExchangeItem.fate).order_by(ExchangeItem.id)))


def digests(place, uid):
    query = select(QuestionVersion.digest).join(Question, Question.id == QuestionVersion.question_id)
    return [row[0] for row in place.all(query.where(Question.uid == uid).order_by(QuestionVersion.number))]


def test_questions_go_there_are_edited_and_come_back(friends, province, commune):
    first, second = province.question("Câu một?"), province.question("Câu hai?")
    page = commune.receive(province.pack())
    assert "Câu mới (2)" in page.text
    assert digests(commune, first.uid) == digests(province, first.uid)
    commune.edit(first.uid, "Câu một, xã sửa?")
    own = commune.question("Câu của xã?")
    reader, page = province.upload(commune.pack())
    assert fates(province) == {first.uid: Fate.NEWER, second.uid: Fate.SAME, own.uid: Fate.NEW}
    assert "Câu một, xã sửa?" in page.text
    reader.submit("Nhận")
    province.work()
    assert province.stems(first.uid) == ["Câu một?", "Câu một, xã sửa?"]
    assert province.stems(second.uid) == ["Câu hai?"]
    assert province.stems(own.uid) == ["Câu của xã?"]
    assert (province.state(first.uid), province.state(own.uid)) == (QuestionState.IN_REVIEW, QuestionState.IN_REVIEW)
    assert province.state(second.uid) is QuestionState.APPROVED
    # and once more: nothing is left to be taken on either side
    province_again = commune.pack()
    province.upload(province_again)
    assert set(fates(province).values()) <= {Fate.SAME, Fate.NEWER, Fate.NEW}
    commune.upload(province.pack())
    last = commune.all(select(ExchangeItem.fate).order_by(ExchangeItem.id.desc()).limit(3))
    assert {row[0] for row in last} == {Fate.SAME}


def test_a_package_received_twice_changes_nothing(friends, province, commune):
    question = province.question()
    data = province.pack()
    commune.receive(data)
    before = commune.count(QuestionVersion)
    page = commune.receive(data)
    assert "Giống nhau (1)" in page.text
    assert (commune.count(QuestionVersion), commune.stems(question.uid)) == (before, ["Sổ chứng thực do ai giữ?"])


def test_approved_by_whom_we_trust_is_approved_and_else_waits(province, commune):
    question = province.question()
    held = province.question("Câu đang tạm giữ?")
    province.put(held.uid, held_at=clock.now(), hold_reason="Chờ xem")
    bad = province.build.question(province.topic, province.justice, content=content("Không căn cứ?", citations=()))
    commune.trust(province, review=True)
    commune.receive(province.pack())
    assert commune.state(question.uid) is QuestionState.APPROVED
    assert commune.state(held.uid) is QuestionState.IN_REVIEW
    assert commune.state(bad.uid) is QuestionState.IN_REVIEW
    assert commune.ask(select(AuditEvent.details).where(AuditEvent.action == "exchange.merged")).count("CH-") == 4


def test_what_was_approved_later_is_approved_here_too(friends, province, commune):
    question = province.question(state=QuestionState.IN_REVIEW)
    commune.receive(province.pack())
    assert commune.state(question.uid) is QuestionState.IN_REVIEW
    province.put(question.uid, state=QuestionState.APPROVED)
    page = commune.receive(province.pack())
    assert "Nơi gửi đã duyệt (1)" in page.text
    assert commune.state(question.uid) is QuestionState.APPROVED
    assert commune.stems(question.uid) == ["Sổ chứng thực do ai giữ?"]


def test_both_changed_ours_stays_unless_theirs_is_chosen(friends, province, commune):
    question = province.question("Câu gốc?")
    commune.receive(province.pack())
    commune.edit(question.uid, "Xã sửa?")
    province.edit(question.uid, "Tỉnh sửa?")
    data = province.pack()
    reader, page = commune.upload(data)
    assert "Hai nơi đều sửa (1)" in page.text
    assert (page.texts("del"), page.texts("ins")) == (["Xã"], ["Tỉnh"])
    reader.submit("Nhận")
    commune.work()
    assert commune.stems(question.uid) == ["Câu gốc?", "Xã sửa?"]
    reader, page = commune.upload(data)
    reader.submit("Lưu lựa chọn của trang này", **{"take-1": "theirs"})
    reader.submit("Nhận")
    commune.work()
    assert commune.stems(question.uid) == ["Câu gốc?", "Xã sửa?", "Tỉnh sửa?"]
    # the province now sees that its own version is the one in force there
    province.receive(commune.pack())
    assert province.stems(question.uid) == ["Câu gốc?", "Tỉnh sửa?"]


def test_newer_here_and_retired_here_stay(friends, province, commune):
    newer, gone = province.question("Câu một?"), province.question("Câu hai?")
    commune.receive(province.pack())
    commune.edit(newer.uid, "Xã sửa?")
    commune.put(gone.uid, state=QuestionState.RETIRED)
    province.edit(gone.uid, "Tỉnh sửa?")
    page = commune.receive(province.pack())
    assert "Ở đây mới hơn (1)" in page.text
    assert "Đã ngừng dùng ở đây (1)" in page.text
    assert commune.stems(newer.uid) == ["Câu một?", "Xã sửa?"]
    assert (commune.stems(gone.uid), commune.state(gone.uid)) == (["Câu hai?"], QuestionState.RETIRED)


def test_a_hold_here_outlasts_what_comes(friends, province, commune):
    question = province.question()
    commune.receive(province.pack())
    commune.put(question.uid, held_at=clock.now(), hold_reason="Đang xem lại")
    province.edit(question.uid, "Tỉnh sửa?")
    reader, page = commune.upload(province.pack())
    assert "Đang tạm giữ ở đây" in page.text
    reader.submit("Nhận")
    commune.work()
    assert commune.stems(question.uid)[-1] == "Tỉnh sửa?"
    assert commune.ask(select(Question.hold_reason).where(Question.uid == question.uid)) == "Đang xem lại"


def test_a_question_that_asks_the_same_is_left_unless_chosen(friends, province, commune):
    mine = commune.question()
    theirs = province.question("Sổ chứng thực  do ai giữ?")
    reader, page = commune.upload(province.pack())
    assert "Có thể trùng (1)" in page.text
    assert mine.code in page.text
    reader.open(page.link("Có thể trùng"))
    reader.submit("Nhận tất cả của mục này")
    reader.submit("Nhận 1 câu")
    commune.work()
    assert commune.stems(theirs.uid) == ["Sổ chứng thực  do ai giữ?"]


def test_what_changed_here_after_the_preview_is_left_alone(friends, province, commune):
    question = province.question("Câu gốc?")
    commune.receive(province.pack())
    province.edit(question.uid, "Tỉnh sửa?")
    reader, page = commune.upload(province.pack())
    commune.edit(question.uid, "Xã sửa?")
    reader.submit("Nhận")
    commune.work()
    assert commune.stems(question.uid) == ["Câu gốc?", "Xã sửa?"]
    assert "đã thay đổi ở đây sau khi xem trước" in reader.open(page.url).text


def test_a_practice_package_comes_as_drafts(province, commune):
    practice = province.question("Câu ôn?", bank=BankKind.PRACTICE)
    province.question("Câu thi?")
    commune.trust(province)
    page = commune.receive(province.pack(bank="practice"))
    assert "Câu mới (1)" in page.text
    assert commune.all(select(Question.uid, Question.bank, Question.state)) == [
        (practice.uid, BankKind.PRACTICE, QuestionState.DRAFT)
    ]


def test_a_question_never_changes_its_bank(friends, province, commune):
    question = province.question()
    commune.receive(province.pack())
    province.put(question.uid, bank=BankKind.PRACTICE)
    page = commune.receive(province.pack(bank="practice"))
    assert "thuộc ngân hàng khác" in page.text
    assert commune.ask(select(Question.bank)) is BankKind.EXAM


def test_samples_stay_samples(friends, province, commune):
    province.question(is_sample=True)
    commune.receive(province.pack())
    assert commune.ask(select(Question.is_sample)) is True


def test_only_what_the_filter_names_goes_out(friends, province, commune):
    wanted = province.question("Câu chờ?", state=QuestionState.DRAFT)
    province.question("Câu đã duyệt?")
    province.question("Câu cũ?", state=QuestionState.RETIRED)
    commune.upload(province.pack(state="draft"))
    assert list(fates(commune)) == [wanted.uid]
    event = province.ask(select(AuditEvent.details).where(AuditEvent.action == "exchange.packed"))
    assert '"count":1' in event
    assert '"state":"draft"' in event


def test_the_filters_of_the_list_come_along(friends, province, commune):
    wanted = province.question("Câu chứng thực chữ ký?")
    province.question("Câu khác hẳn?")
    reader = province.open()
    page = reader.open("/bank/?q=chung%20thuc%20chu%20ky&state=approved")
    reader.open(reader.open(page.link("Xuất tệp")).link("Lập gói trao đổi"))
    reader.submit("bank")
    province.work()
    commune.upload(province.newest_file())
    assert list(fates(commune)) == [wanted.uid]


def test_who_keeps_one_position_sends_only_its_questions(province, commune):
    land = province.build.position("nn_dat_dai", "Đất đai (mẫu)")
    mine = province.build.question(province.topic, land, content=content("Của tôi?", positions=(land.code,)))
    province.question("Của người khác?")
    keeper = province.build.account()
    province.build.grant(keeper, Role.BANK_MANAGER, position=land)
    province.keeper = keeper
    data = province.pack()
    page = province.open().open("/bank/exchange")
    assert "Thêm nơi trao đổi" not in page.text
    Reader(province.app, keeper).post("/bank/exchange/key", status=403)
    from examapp.bank.exchange.package import Package

    assert [question.uid for _line, question in Package(data).questions()] == [mine.uid]


def test_the_package_says_nothing_of_authors(province):
    author = province.build.account(display_name="Nguyễn Thị Ra Đề (mẫu)", login="nguyenthirade")
    province.question(author=author)
    from zipfile import ZipFile

    with ZipFile(BytesIO(province.pack())) as archive:
        everything = b"".join(archive.read(name) for name in archive.namelist()).decode()
    assert "Ra Đề" not in everything
    assert "nguyenthirade" not in everything
    assert "Phụ trách ngân hàng Sở Nội vụ (mẫu) (mẫu)" in everything


def test_an_unknown_signer_shows_only_the_fingerprint(province, commune):
    province.question("Câu kín?")
    reader, page = commune.upload(province.pack())
    assert "chưa có trong danh sách nơi trao đổi" in page.text
    assert "Câu kín?" not in page.text
    ref = commune.ask(select(ExchangePackage.ref))
    reader.post(f"/bank/exchange/packages/{ref}/merge", status=409)
    assert commune.count(ExchangeItem) == 0
    commune.trust(province)
    reader.open(page.url)
    page = reader.submit("So với ngân hàng")
    assert "Câu kín?" in page.text


def test_who_is_trusted_no_longer_brings_nothing(friends, province, commune):
    province.question()
    reader, page = commune.upload(province.pack())
    other = commune.open()
    other.open("/bank/exchange")
    other.submit("Thôi tin cậy")
    reader.post(f"{page.url}/merge".replace("http://localhost", ""), status=409)
    assert commune.ask(select(ExchangePackage.state)) is PackageState.READ
    assert commune.count(Question) == 0


def test_the_own_package_is_not_received(friends, province, commune):
    province.question()
    _reader, page = province.upload(province.pack(), status=422)
    assert "do chính hệ thống này lập" in page.text


def test_what_is_discarded_leaves_nothing(friends, province, commune):
    province.question()
    reader, _page = commune.upload(province.pack())
    reader.submit("Bỏ gói này")
    assert (commune.count(ExchangeItem), commune.count(Question)) == (0, 0)
    assert commune.ask(select(ExchangePackage.state)) is PackageState.DISCARDED
