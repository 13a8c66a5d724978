"""How each question of a package stands to the bank, and what would become of it."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select

from examapp.accounts.models import Account
from examapp.bank.exchange.contents import PackedQuestion, PackedTopic
from examapp.bank.exchange.gather import aliases_of
from examapp.bank.exchange.models import ExchangePackage, Fate
from examapp.bank.items import pack
from examapp.bank.models import BankKind, Question, QuestionState, QuestionVersion, Topic, stem_key
from examapp.bank.scope import concealed_from
from examapp.core.db import db
from examapp.core.words import N_
from examapp.organisation.models import Position
from question_bank.kinds import KINDS
from question_bank.messages import Message

CHUNK = 500
COMMON = "*"
"""What a position of the package may be said to be: common to all."""
TAKEN = {Fate.NEW, Fate.NEWER, Fate.APPROVED}
"""Taken unless the person says otherwise; where both sides have something, ours stays."""
PLACED = {Fate.NEW, Fate.TWIN, Fate.NEWER, Fate.DIVERGED}
"""These need a topic and positions here, unless they have them already."""
CHOOSABLE = (Fate.NEW, Fate.TWIN, Fate.NEWER, Fate.DIVERGED, Fate.APPROVED)

MALFORMED = N_("Dòng này của gói không đúng dạng một câu hỏi.")
TWICE = N_("Câu này đã có ở một dòng trước của gói.")
OTHER_KIND = N_("Loại câu hỏi “{kind}” chưa có ở hệ thống này.")
OTHER_BANK = N_("Câu này thuộc ngân hàng khác ở hệ thống này.")
CONCEALED = N_("Câu này nằm trong đề của chính tài khoản này ở một kỳ thi chưa đóng.")
RETIRED_THERE = N_("Nơi gửi đã ngừng dùng câu này.")
NO_TOPIC = N_("Chuyên đề “{code}” không có trong gói và chưa có ở đây.")
NO_POSITION = N_("Chưa biết vị trí {codes} ở đây là vị trí nào.")
NOT_COME = N_("Câu này đang được nhận từ một gói khác.")

Names = frozenset[str]
"""Every digest by which a version is known."""


def relation(ours: Sequence[Names], theirs: Sequence[Names]) -> tuple[Fate, int]:
    """How two histories of one question stand to each other, and from which of their versions on we lack something."""
    if ours[-1] & theirs[-1]:
        return Fate.SAME, len(theirs)
    if all(mine & other for mine, other in zip(ours, theirs, strict=False)):
        return (Fate.NEWER, len(ours)) if len(ours) < len(theirs) else (Fate.OLDER, len(theirs))
    ours_there = max((i for i, other in enumerate(theirs) if ours[-1] & other), default=None)
    theirs_here = any(mine & theirs[-1] for mine in ours)
    if ours_there is not None and not theirs_here:
        return Fate.NEWER, ours_there + 1
    if theirs_here and ours_there is None:
        return Fate.OLDER, len(theirs)
    shared = [i for i, other in enumerate(theirs) if any(mine & other for mine in ours)]
    return Fate.DIVERGED, min(max(shared, default=-1) + 1, len(theirs) - 1)


@dataclass(frozen=True, slots=True)
class Choices:
    """What the person said of codes that are not known here."""

    positions: Mapping[str, str] = field(default_factory=dict)
    topics: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, package: ExchangePackage) -> Choices:
        said = json.loads(package.choices)
        return cls(said.get("positions", {}), said.get("topics", {}))

    def dumps(self) -> str:
        return json.dumps({"positions": dict(self.positions), "topics": dict(self.topics)}, ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Verdict:
    """The columns of an item that say how it stands."""

    fate: Fate
    reason: str = ""
    take_from: int = 0
    question_id: int | None = None
    base_id: int | None = None
    twin_id: int | None = None

    @property
    def is_taken(self) -> bool:
        return self.fate in TAKEN


@dataclass(frozen=True, slots=True)
class Local:
    """A question of the bank with what its versions are called."""

    id: int
    bank: BankKind
    state: QuestionState
    current_id: int | None
    versions: Sequence[tuple[int, Names]]
    """Ids and names, the oldest first."""

    @property
    def names(self) -> list[Names]:
        return [names for _id, names in self.versions]


def locals_of(uids: Iterable[str]) -> dict[str, Local]:
    """The questions of the bank with these identities."""
    wanted = sorted(set(uids))
    rows = db.session.execute(
        select(Question.uid, Question.id, Question.bank, Question.state, Question.current_id).where(
            Question.uid.in_(wanted)
        )
    ).all()
    ids = [row.id for row in rows]
    versions = db.session.execute(
        select(QuestionVersion.question_id, QuestionVersion.id, QuestionVersion.digest)
        .where(QuestionVersion.question_id.in_(ids))
        .order_by(QuestionVersion.question_id, QuestionVersion.number)
    ).all()
    aliases = aliases_of(version.id for version in versions)
    named: dict[int, list[tuple[int, Names]]] = defaultdict(list)
    for question_id, version_id, digest in versions:
        named[question_id].append((version_id, frozenset((digest, *aliases.get(version_id, ())))))
    return {row.uid: Local(row.id, row.bank, row.state, row.current_id, named[row.id]) for row in rows}


def twins_of(keys: Iterable[str], bank: BankKind) -> dict[str, int]:
    """The oldest living question of the bank with each of these stems."""
    rows = db.session.execute(
        select(QuestionVersion.stem_key, Question.id)
        .join(Question, Question.current_id == QuestionVersion.id)
        .where(
            QuestionVersion.stem_key.in_(sorted(set(keys))),
            Question.bank == bank,
            Question.state != QuestionState.RETIRED,
        )
        .order_by(Question.id.desc())
    )
    return {key: question_id for key, question_id in rows}


class Judge:
    """Knows what it takes to place the questions of one package."""

    def __init__(self, package: ExchangePackage, person: Account) -> None:
        partner = package.partner
        self.bank, self.trusts = package.bank, bool(partner and partner.trusts_review)
        self.choices = Choices.of(package)
        self.concealed = concealed_from(person)
        self.positions = {code: found for found, code in db.session.execute(select(Position.id, Position.code))}
        self.topics = set(db.session.scalars(select(Topic.code)))
        self.packed_topics = {topic.code for topic in topics_in(package)}

    def judge(self, found: Sequence[PackedQuestion]) -> list[Verdict]:
        here = locals_of(question.uid for question in found)
        keys = {question.uid: stem_key(question.last.content.stem) for question in found}
        twins = twins_of(keys.values(), self.bank)
        return [self._one(question, here.get(question.uid), twins.get(keys[question.uid])) for question in found]

    def _one(self, packed: PackedQuestion, here: Local | None, twin: int | None) -> Verdict:
        if reason := self._hindrance(packed, here):
            return _skipped(reason, here)
        if here is None and packed.state is QuestionState.RETIRED:
            return _skipped(Message(RETIRED_THERE), None)
        if here is not None and here.state is QuestionState.RETIRED:
            return Verdict(Fate.RETIRED, question_id=here.id, base_id=here.current_id)
        verdict = self._new(twin) if here is None else self._known(packed, here)
        unknown = [code for code in packed.positions if self.position(code) is None]
        if unknown and verdict.fate in PLACED and not packed.stays_in_place(verdict.take_from):
            reason = Message(NO_POSITION, codes=", ".join(unknown))
            return Verdict(Fate.UNPLACED, _packed(reason), question_id=verdict.question_id, base_id=verdict.base_id)
        return verdict

    def position(self, code: str) -> str | None:
        """What the position is here; ``None`` while nobody has said."""
        said = self.choices.positions.get(code, "")
        if code in self.positions:
            return code
        return said if said == COMMON or said in self.positions else None

    def _hindrance(self, packed: PackedQuestion, here: Local | None) -> Message | None:
        if packed.bank is not self.bank:
            return Message(MALFORMED)
        unknown = [version.content.kind for version in packed.versions if version.content.kind not in KINDS]
        if unknown:
            return Message(OTHER_KIND, kind=unknown[0][:40])
        if packed.topic not in self.topics and packed.topic not in self.packed_topics:
            return Message(NO_TOPIC, code=packed.topic)
        return self._hindrance_here(here) if here else None

    def _hindrance_here(self, here: Local) -> Message | None:
        if here.bank is not self.bank:
            return Message(OTHER_BANK)
        if here.id in self.concealed:
            return Message(CONCEALED)
        return Message(NOT_COME) if here.current_id is None else None

    def _new(self, twin: int | None) -> Verdict:
        if twin in self.concealed:
            return _skipped(Message(CONCEALED), None)
        return Verdict(Fate.TWIN, twin_id=twin) if twin else Verdict(Fate.NEW)

    def _known(self, packed: PackedQuestion, here: Local) -> Verdict:
        present = [index for index, (version_id, _names) in enumerate(here.versions) if version_id == here.current_id]
        ours = here.names[: present[0] + 1]
        fate, take_from = relation(ours, [version.names for version in packed.versions])
        waits = here.state in {QuestionState.DRAFT, QuestionState.IN_REVIEW}
        if fate is Fate.SAME and waits and self.is_approved(packed):
            fate = Fate.APPROVED
        return Verdict(fate, take_from=take_from, question_id=here.id, base_id=here.current_id)

    def is_approved(self, packed: PackedQuestion) -> bool:
        """Approved there, and what is approved there counts here."""
        return self.trusts and packed.state is QuestionState.APPROVED and not packed.is_held


def topics_in(package: ExchangePackage) -> list[PackedTopic]:
    return [PackedTopic.read(one) for one in json.loads(package.topics)]


def _skipped(reason: Message, here: Local | None) -> Verdict:
    return Verdict(Fate.SKIPPED, _packed(reason), question_id=here.id if here else None)


def _packed(reason: Message) -> str:
    return json.dumps(pack(reason), ensure_ascii=False)
