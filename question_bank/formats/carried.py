"""What a file could not carry, found by reading back what was written."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from question_bank.messages import N_, Message
from question_bank.question import Option, Question

_DEFAULTS: dict[str, tuple[Any, ...]] = {
    "share": (1000,),
    "mode": ("absolute",),
    "match_marks": (True,),
    "scoring": ("right", "all_or_nothing", "each", "exact"),
    "points": (1,),
}
"""Values that say the same as leaving the name out; so does everything empty."""


def lost(question: Question, again: Question | None, format: str) -> Message | None:
    """What of ``question`` is gone in ``again``, its reading from the file; ``None`` when nothing is."""
    if again is None:
        template = N_("{format} không giữ đúng câu này: nội dung có chỗ giống ký hiệu của định dạng, đọc lại sẽ khác.")
        return Message(template, format=format)
    names = [name for name, here, there in _parts(question, again) if here != there]
    if not names:
        return None
    return Message(N_("{format} không giữ được của câu này: {parts}."), format=format, parts=listed(names))


def listed(names: list[Message]) -> Message:
    """Names divided by commas, still translatable one by one."""
    whole = names[0]
    for name in names[1:]:
        whole = Message("{before}, {name}", before=whole, name=name)
    return whole


def normal(value: Any) -> Any:
    """Details without what only repeats a default, so that two ways of writing the same compare equal."""
    if isinstance(value, Mapping):
        kept = {name: normal(inner) for name, inner in value.items()}
        return {name: inner for name, inner in kept.items() if not _is_default(name, inner)}
    if isinstance(value, list | tuple):
        return [normal(inner) for inner in value]
    return value


def _is_default(name: str, value: Any) -> bool:
    if name == "tolerance" and isinstance(value, str):
        return not value.strip("0.")
    empty = value is None or value is False or (value != 0 and not value)
    return empty or any(type(value) is type(default) and value == default for default in _DEFAULTS.get(name, ()))


def _parts(question: Question, again: Question) -> list[tuple[Message, Any, Any]]:
    """The parts of a question by the names people know, in both."""

    def both(name: str, part: Any) -> tuple[Message, Any, Any]:
        return Message(name), part(question), part(again)

    return [
        both(N_("loại câu"), lambda q: q.kind),
        both(N_("phần hỏi"), lambda q: q.stem),
        both(N_("định dạng hoặc hình trong phần hỏi"), lambda q: q.stem_html),
        both(N_("phương án"), lambda q: [option.text for option in q.options]),
        both(N_("đáp án"), lambda q: q.key),
        both(N_("phương án giữ nguyên chỗ"), lambda q: [option.pinned for option in q.options]),
        both(N_("định dạng hoặc hình trong phương án"), lambda q: [option.html for option in q.options]),
        both(N_("nhận xét cho từng phương án"), lambda q: [option.feedback for option in q.options]),
        both(N_("trọng số của phương án"), lambda q: [_share(q, option) for option in q.options]),
        both(N_("chi tiết của loại câu"), lambda q: normal(q.details)),
        both(N_("mức độ"), lambda q: q.level),
        both(N_("chuyên đề"), lambda q: q.topic),
        both(N_("vị trí việc làm"), lambda q: q.positions),
        both(N_("giải thích"), lambda q: q.explanation),
        both(N_("căn cứ"), lambda q: q.citations),
        both(N_("nhãn"), lambda q: q.tags),
        both(N_("điểm"), lambda q: q.points),
        both(N_("thời gian làm bài"), lambda q: q.seconds),
        both(N_("mã câu"), lambda q: q.ref),
    ]


def _share(question: Question, option: Option) -> int | None:
    return option.share if question.details.get("scoring") == "weights" else None
