"""Interactions of QTI as kinds of this bank.

choice → single choice, multiple response, true/false; order → ordering; match and associate → matching or a cluster of
true/false statements; gapMatch, inlineChoice and several textEntry → gap text; one textEntry → short text or number;
extendedText → essay; several of them in one item → case. Other interactions and items made from template variables are
listed as unsupported.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from fractions import Fraction
from typing import Any

from question_bank.formats.moodle_kinds import as_cluster, choice
from question_bank.formats.moodle_numbers import value_with
from question_bank.formats.qti_item import GAP, Item, ItemError
from question_bank.formats.qti_scoring import Declared, number, points, uses_mapping
from question_bank.formats.qti_tree import Node
from question_bank.formats.vietnamese import fold
from question_bank.formats.weights import Answer, Choices, several, single, thousandths
from question_bank.kinds.true_false import FALSE, TRUE
from question_bank.messages import N_, Message
from question_bank.question import Question

_INLINE = frozenset({"inlineChoiceInteraction", "textEntryInteraction"})
_NUMBERS = frozenset({"float", "integer"})
_TRUTHS = {"dung": True, "true": True, "sai": False, "false": False}


def read_item(item: Item, topic: str) -> Question:
    """The question that the item is; :class:`ItemError` when this bank has none like it."""
    _refuse_foreign(item)
    blocks = [node for node in item.interactions if node.name not in _INLINE]
    inline = [node for node in item.interactions if node.name in _INLINE]
    if blocks and inline:
        raise ItemError(Message(N_("Câu trộn ô điền trong văn bản với dạng trả lời khác: tách thành nhiều câu.")))
    if len(blocks) == 1 and item.kind != "case":
        question = _block(item, blocks[0])
    elif blocks:
        question = _case(item, blocks)
    else:
        question = _entries(item, inline)
    item.check_rules()
    explained = "\n".join(filter(None, [question.explanation, item.explanation()]))
    worth = points(item.node, item.declared) or question.points
    return replace(question, topic=topic, points=worth, explanation=explained, ref=item.node.get("identifier")[:100])


def _refuse_foreign(item: Item) -> None:
    if item.node.first("templateDeclaration") is not None:
        raise ItemError(Message(N_("Câu sinh số liệu theo biến (template) chưa được hỗ trợ: nhập từng câu cụ thể.")))
    foreign = sorted({node.name for node in item.interactions if node.name not in _BLOCKS and node.name not in _INLINE})
    if foreign:
        template = N_("Dạng trả lời {names} chưa được hỗ trợ nên câu này không được nhập.")
        raise ItemError(Message(template, names=", ".join(foreign)))
    if not item.interactions:
        raise ItemError(Message(N_("Câu không có phần trả lời (interaction) nên không được nhập.")))


def _block(item: Item, node: Node) -> Question:
    kind = _BLOCKS[node.name](item, node)
    if node.name == "gapMatchInteraction":
        return kind
    stem = item.stem(node.all("prompt"))
    return replace(kind, stem=stem.text, stem_html=stem.html)


def _case(item: Item, blocks: Sequence[Node]) -> Question:
    """The body is the situation; each interaction is a question under it, asked by its prompt."""
    parts = []
    for number_, node in enumerate(blocks, start=1):
        part = _BLOCKS[node.name](item, node)
        if part.kind == "essay":
            raise ItemError(Message(N_("Câu tình huống có phần tự luận chưa được hỗ trợ: tách thành nhiều câu.")))
        if not part.stem:
            prompt = item.marked(node.first("prompt"))
            part = replace(part, stem=prompt.text or f"Ý {number_}", stem_html=prompt.html)
        parts.append(part.as_json())
    body = item.marked(item.body)
    stem = body.text or item.node.get("title")
    return Question("case", stem, stem_html=body.html, details={"questions": parts})


def _choices(item: Item, node: Node) -> Question:
    declared = item.response(node)
    found = node.all("simpleChoice")
    earns, mapped = declared.earns, uses_mapping(item.node, declared)
    many = declared.cardinality == "multiple"
    positive = [score for score in earns.values() if score > 0]
    whole = (sum(positive) if many else max(positive, default=Fraction(1))) or Fraction(1)
    answers = []
    for one in found:
        name = one.get("identifier")
        if mapped:
            percent = 100 * earns.get(name, Fraction(0)) / whole
        else:
            wrong = Fraction(-100 if many else 0)
            percent = Fraction(100, len(declared.right) if many else 1) if name in declared.right else wrong
        answers.append(Answer(item.marked(one), percent, item.feedback(one)))
    made: Choices = several(answers, item.scoring) if many else single(answers, item.scoring)
    pins = [one.get("fixed") == "true" and node.get("shuffle") == "true" for one in found]
    options = tuple(replace(option, pinned=pin) for option, pin in zip(made.options, pins, strict=True))
    return _as_truth(Question(made.kind, "", options, details=made.details))


def _as_truth(question: Question) -> Question:
    """A choice between "Đúng" and "Sai" is a true/false question."""
    said = [_TRUTHS.get(fold(option.text).strip(" .")) for option in question.options]
    if question.kind != "single_choice" or sorted(map(str, said)) != ["False", "True"] or question.details:
        return question
    by_truth = dict(zip(said, question.options, strict=True))
    options = tuple(
        replace(by_truth[truth], text=text, html="", pinned=False) for truth, text in ((True, TRUE), (False, FALSE))
    )
    return replace(question, kind="true_false", options=options)


def _ordering(item: Item, node: Node) -> Question:
    texts = {one.get("identifier"): item.marked(one) for one in node.all("simpleChoice")}
    order = item.response(node).correct
    if sorted(order) != sorted(texts):
        raise ItemError(Message(N_("Câu sắp xếp không khai thứ tự đúng của mọi mục nên không được nhập.")))
    return Question("ordering", "", details={"items": [_named("text", "html", texts[name]) for name in order]})


def _named(plain: str, rich: str, marked: tuple[str, str]) -> dict[str, str]:
    text, html = marked
    return {plain: text, **({rich: html} if html else {})}


def _matching(item: Item, node: Node) -> Question:
    sets = node.all("simpleMatchSet")
    if len(sets) != 2:
        raise ItemError(Message(N_("Câu ghép đôi không có đủ hai cột nên không được nhập.")))
    lefts, rights = ({one.get("identifier"): item.marked(one) for one in side.children} for side in sets)
    named = [(a, b) if a in lefts else (b, a) for a, b in _named_pairs(item, node)]
    pairs = [(a, b) for a, b in named if a in lefts and b in rights]
    if len({a for a, _ in pairs}) < len(pairs):  # a table whose rows take several ticks: the columns may take one each
        if len({b for _, b in pairs}) < len(pairs):
            raise ItemError(Message(N_("Câu ghép nhiều – nhiều chưa được hỗ trợ: tách thành các câu nhiều lựa chọn.")))
        lefts, rights, pairs = rights, lefts, [(b, a) for a, b in pairs]
        item.doubt(N_("Hai cột của câu ghép đôi đã được đổi chỗ vì một mục cột trái ghép với nhiều mục cột phải."))
    return _pairs(item, node, [(lefts[a], rights[b]) for a, b in pairs], _left_over(item, lefts, rights, pairs))


def _named_pairs(item: Item, node: Node) -> list[tuple[str, str]]:
    """The right pairs by the names of their members, as the file orders them."""
    found = (value.split() for value in item.response(node).right)
    return [(pair[0], pair[1]) for pair in found if len(pair) == 2]


def _left_over(item: Item, lefts: Any, rights: Any, pairs: Sequence[tuple[str, str]]) -> list[dict[str, str]]:
    alone = [text.text for name, text in lefts.items() if name not in {a for a, _ in pairs}]
    if alone:
        item.doubt(N_("Mục không có cặp ở cột trái bị bỏ: {texts}."), texts="; ".join(alone)[:200])
    return [_named("text", "html", text) for name, text in rights.items() if name not in {b for _, b in pairs}]


def _pairs(item: Item, node: Node, pairs: Sequence[Any], extra: list[dict[str, str]]) -> Question:
    made = [_named("left", "left_html", a) | _named("right", "right_html", b) for a, b in pairs]
    details: dict[str, Any] = {"pairs": made}
    if extra:
        details["extra"] = extra
    if not uses_mapping(item.node, item.response(node)):
        details["scoring"] = "all"
    question = Question("matching", "", details=details)
    said = {_TRUTHS.get(fold(pair["right"])) for pair in made}
    return as_cluster(question) if made and None not in said and not extra else question


def _association(item: Item, node: Node) -> Question:
    texts = {one.get("identifier"): item.marked(one) for one in node.all("simpleAssociableChoice")}
    pairs = [pair for pair in _named_pairs(item, node) if set(pair) <= texts.keys()]
    used = [name for pair in pairs for name in pair]
    if len(set(used)) < len(used):
        raise ItemError(Message(N_("Câu liên kết dùng một mục nhiều lần, chưa được hỗ trợ: tách thành nhiều câu.")))
    extra = [_named("text", "html", text) for name, text in texts.items() if name not in used]
    item.doubt(N_("Câu liên kết được đổi thành ghép đôi: mục đầu của mỗi cặp vào cột trái."))
    return _pairs(item, node, [(texts[a], texts[b]) for a, b in pairs], extra)


def _gap_match(item: Item, node: Node) -> Question:
    if node.below("gapImg"):
        raise ItemError(Message(N_("Câu kéo hình vào chỗ trống chưa được hỗ trợ nên không được nhập.")))
    texts = {one.get("identifier"): item.marked(one).text for one in node.all("gapText")}
    names = [gap.get("identifier") for gap in node.below("gap")]
    right: dict[str, set[str]] = {name: set() for name in names}
    for one, other in _named_pairs(item, node):
        text, gap = (one, other) if other in right else (other, one)
        right.get(gap, set()).add(text)
    places = {id(gap): f"[[{place}]]" for place, gap in enumerate(node.below("gap"), start=1)}

    def swap(inner: Node) -> str | None:
        if inner is node:
            return node.html(lambda below: "" if below.name in ("gapText", "prompt") else places.get(id(below)))
        return places.get(id(inner))

    prompt = node.all("prompt")
    stem = item.stem([], swap)
    lead = item.marked(prompt[0]).text if prompt else ""
    gaps = [
        {"choices": [choice(text, Fraction(100 * (key in right[name]))) for key, text in texts.items()]}
        for name in names
    ]
    text = "\n".join(filter(None, [lead, stem.text]))
    return Question("gap_text", text, stem_html="" if lead else stem.html, details={"gaps": gaps})


def _essay(item: Item, node: Node) -> Question:
    lines = number(node.get("expectedLines"))
    details = {"lines": int(lines)} if lines and 0 < lines < 200 else {}
    told = "\n".join(filter(None, (item.marked(block).text for block in item.rubric())))
    return Question("essay", "", details=details, explanation=told)


def _entries(item: Item, nodes: Sequence[Node]) -> Question:
    """Typed gaps and drop-downs in the text; one typed gap is a short text or a number."""
    if len(nodes) == 1 and nodes[0].name == "textEntryInteraction" and item.kind != "gap_text":
        return _entry(item, nodes[0])
    places = {id(node): f"[[{place}]]" for place, node in enumerate(nodes, start=1)}
    stem = item.stem([], lambda inner: places.get(id(inner)))
    gaps = [_gap(item, node) for node in nodes]
    return Question("gap_text", stem.text, stem_html=stem.html, details={"gaps": gaps})


def _entry(item: Item, node: Node) -> Question:
    alone = any(parent.children == [node] and parent.text == "" for parent in item.body.walk())
    stem = item.stem([], lambda inner: ("" if alone else GAP) if inner is node else None)
    made = _gap(item, node)
    if "numeric" in made:
        return Question("numeric", stem.text, stem_html=stem.html, details={"answers": made["numeric"]})
    details = {"accepted": made["accepted"], **({"match_case": True} if item.response(node).match_case else {})}
    return Question("short_text", stem.text, stem_html=stem.html, details=details)


def _gap(item: Item, node: Node) -> dict[str, Any]:
    """One gap; its weight is the most that it earns, where that is a whole number of points."""
    declared = item.response(node)
    earns = declared.earns
    most = max((score for score in earns.values() if score > 0), default=Fraction(1))
    worth = {"points": int(most)} if most > 1 and most.denominator == 1 else {}
    if node.name == "inlineChoiceInteraction":
        texts = {one.get("identifier"): item.marked(one).text for one in node.all("inlineChoice")}
        told = [choice(text, 100 * earns.get(key, Fraction(0)) / most) for key, text in texts.items()]
        return {"choices": told, **worth}
    shares = {value: thousandths(100 * score / most) for value, score in earns.items() if score > 0}
    if declared.base_type in _NUMBERS and all(number(value) is not None for value in shares):
        numbers = [_with_share(_number(item, declared, value), share) for value, share in shares.items()]
        return {"numeric": numbers, **worth}
    if not declared.match_case:  # "york" beside "York" says nothing new
        shares = {value: share for value, share in shares.items() if _first_alike(value, shares)}
    accepted = [_with_share({"text": value}, share) for value, share in shares.items()]
    return {"accepted": accepted, **({"match_case": True} if declared.match_case else {}), **worth}


def _first_alike(value: str, shares: dict[str, int]) -> bool:
    """Whether the value is the best paid, and then the first, of those that differ in case only."""
    alike = [other for other in shares if other.casefold() == value.casefold()]
    return max(alike, key=lambda other: shares[other]) == value


def _with_share(answer: dict[str, Any], share: int) -> dict[str, Any]:
    return answer if share == 1000 else {**answer, "share": share}


def _number(item: Item, declared: Declared, value: str) -> dict[str, Any]:
    """The number with the tolerance that the rules give it; a relative one is in percent there."""
    answer = value_with(value, "0")
    rules = item.node.first("responseProcessing")
    for node in rules.below("equal") if rules else []:
        named = {inner.get("identifier") for inner in node.below("variable")}
        if any(base.text != value for base in node.below("baseValue")):
            continue
        given = number(node.get("tolerance").split(" ")[0]) if node.get("tolerance") else None
        if declared.identifier in named and given is not None and node.get("toleranceMode") in ("absolute", "relative"):
            if node.get("toleranceMode") == "absolute":
                return value_with(value, _decimal(given))
            return {**answer, "mode": "relative", "tolerance": _decimal(given / 100)}
    return answer


def _decimal(value: Fraction) -> str:
    return f"{float(value):.10f}".rstrip("0").rstrip(".") or "0"


_BLOCKS: dict[str, Callable[[Item, Node], Question]] = {
    "choiceInteraction": _choices,
    "orderInteraction": _ordering,
    "matchInteraction": _matching,
    "associateInteraction": _association,
    "gapMatchInteraction": _gap_match,
    "extendedTextInteraction": _essay,
}


def without_key(question: Question) -> list[Message]:
    """What is said of a choice whose key the file does not declare."""
    chosen = question.kind in ("single_choice", "multiple_response", "true_false")
    weighed = question.details.get("scoring") == "weights"
    if chosen and not weighed and not any(option.correct for option in question.options):
        return [Message(N_("Câu không khai đáp án đúng trong tệp: chọn đáp án trước khi lưu."))]
    return []
