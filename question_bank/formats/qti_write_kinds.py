"""Each kind of question as declarations, interactions and response processing of QTI 2.2."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from typing import Any, NamedTuple
from xml.sax.saxutils import escape, quoteattr

from question_bank.formats.moodle_kinds import pairs_of
from question_bank.formats.moodle_numbers import as_value
from question_bank.formats.weights import percents
from question_bank.messages import N_, Message
from question_bank.question import Question

Rich = Callable[[str, str], str]
"""The markup of a text, given plain and rich."""

_TEMPLATES = "http://www.imsglobal.org/question/qti_v2p2/rptemplates/"
_INLINE = frozenset({"numeric", "short_text", "gap_text"})
_UNDER_A_CASE = frozenset(
    {"single_choice", "multiple_response", "true_false", "true_false_cluster", "matching", "ordering"}
)


class Body(NamedTuple):
    declarations: str
    markup: str
    processing: str = ""


def cannot_carry(question: Question) -> Message | None:
    """Why the question has no form in QTI that this bank reads back."""
    parts = question.details.get("questions", []) if question.kind == "case" else []
    if any(part["kind"] not in _UNDER_A_CASE for part in parts):
        return Message(
            N_("QTI không giữ được câu tình huống có ý điền hoặc nhập số nên câu bị bỏ: ghi ra định dạng khác.")
        )
    return None


def written_body(question: Question, rich: Rich) -> Body:
    if question.kind == "case":
        return _case(question, rich)
    if question.kind in _INLINE:
        return _typed(question, rich)
    declaration, interaction, mapped = _interaction(question, rich, "RESPONSE")
    processing = "" if question.kind == "essay" else _template("map_response" if mapped else "match_correct")
    return Body(declaration, rich(question.stem, question.stem_html) + interaction, processing)


def _template(name: str) -> str:
    return f'<responseProcessing template="{_TEMPLATES}{name}"/>'


def _case(question: Question, rich: Rich) -> Body:
    declarations, markup = [], [rich(question.stem, question.stem_html)]
    for number, data in enumerate(question.details["questions"], start=1):
        part = Question.from_json(data)
        prompt = f"<prompt>{rich(part.stem, part.stem_html)}</prompt>"
        declaration, interaction, _ = _interaction(part, rich, f"RESPONSE_{number}", prompt)
        declarations.append(declaration)
        markup.append(interaction)
    return Body("\n".join(declarations), "".join(markup), _template("match_correct"))


def _interaction(question: Question, rich: Rich, name: str, prompt: str = "") -> tuple[str, str, bool]:
    """The declaration, the interaction, and whether it is marked by mapped scores."""
    match question.kind:
        case "single_choice" | "multiple_response" | "true_false":
            return _choices(question, rich, name, prompt)
        case "true_false_cluster" | "matching":
            return _pairs(question, rich, name, prompt)
        case "ordering":
            return _ordering(question, rich, name, prompt)
        case _:
            return _essay(question, name, prompt)


def _declaration(
    name: str,
    cardinality: str,
    base_type: str,
    right: Sequence[str],
    mapped: Mapping[str, Fraction] | None = None,
    *,
    match_case: bool = False,
) -> str:
    correct = "".join(f"<value>{escape(value)}</value>" for value in right)
    inner = f"<correctResponse>{correct}</correctResponse>" if right else ""
    if mapped:
        sensitive = f' caseSensitive="{"true" if match_case else "false"}"' if base_type == "string" else ""
        entries = "".join(
            f'<mapEntry mapKey={quoteattr(value)} mappedValue="{float(score):.6g}"{sensitive}/>'
            for value, score in mapped.items()
        )
        inner += f'<mapping lowerBound="0" defaultValue="0">{entries}</mapping>'
    named = f'identifier="{name}" cardinality="{cardinality}" baseType="{base_type}"'
    return f"<responseDeclaration {named}>{inner}</responseDeclaration>"


def _identifier(index: int) -> str:
    return f"C{index + 1}"


def _choices(question: Question, rich: Rich, name: str, prompt: str) -> tuple[str, str, bool]:
    many = question.kind == "multiple_response"
    scoring = question.details.get("scoring", "all_or_nothing")
    right = [_identifier(index) for index in question.key]
    mapped = None
    if scoring != "all_or_nothing":
        share = Fraction(question.points, 1000) / 100
        mapped = {_identifier(i): percent * share for i, percent in enumerate(percents(question)) if percent}
    declaration = _declaration(name, "multiple" if many else "single", "identifier", right, mapped)
    shuffle = "false" if question.kind == "true_false" else "true"
    choices = "".join(
        f'<simpleChoice identifier="{_identifier(i)}" fixed="{"true" if option.pinned else "false"}">'
        f"{rich(option.text, option.html)}{_feedback(option.feedback, _identifier(i), rich)}</simpleChoice>"
        for i, option in enumerate(question.options)
    )
    limits = f'shuffle="{shuffle}" maxChoices="{0 if many else 1}"'
    interaction = f'<choiceInteraction responseIdentifier="{name}" {limits}>{prompt}{choices}</choiceInteraction>'
    return declaration, interaction, bool(mapped)


def _feedback(text: str, identifier: str, rich: Rich) -> str:
    if not text:
        return ""
    named = f'outcomeIdentifier="FEEDBACK" identifier="{identifier}" showHide="show"'
    return f"<feedbackInline {named}>{rich(text, '')}</feedbackInline>"


def _pairs(question: Question, rich: Rich, name: str, prompt: str) -> tuple[str, str, bool]:
    pairs, extra = pairs_of(question)
    rights: dict[str, str] = {}
    for text, html in [
        *((pair["right"], pair.get("right_html", "")) for pair in pairs),
        *((one["text"], one.get("html", "")) for one in extra),
    ]:
        rights.setdefault(text, html)
    places = {text: f"R{number}" for number, text in enumerate(rights, start=1)}
    right = [f"L{number} {places[pair['right']]}" for number, pair in enumerate(pairs, start=1)]
    mapped = None if question.details.get("scoring") == "all" else dict.fromkeys(right, Fraction(1))
    declaration = _declaration(name, "multiple", "directedPair", right, mapped)
    lefts = [(f"L{n}", pair["left"], pair.get("left_html", ""), 1) for n, pair in enumerate(pairs, start=1)]
    columns = [lefts, [(places[text], text, html, len(pairs)) for text, html in rights.items()]]
    sets = "".join(
        f"<simpleMatchSet>{''.join(_associable(one, rich) for one in column)}</simpleMatchSet>" for column in columns
    )
    shape = f'shuffle="true" maxAssociations="{len(pairs)}"'
    return (
        declaration,
        f'<matchInteraction responseIdentifier="{name}" {shape}>{prompt}{sets}</matchInteraction>',
        bool(mapped),
    )


def _associable(one: tuple[str, str, str, int], rich: Rich) -> str:
    identifier, text, html, most = one
    named = f'identifier="{identifier}" matchMax="{most}"'
    return f"<simpleAssociableChoice {named}>{rich(text, html)}</simpleAssociableChoice>"


def _ordering(question: Question, rich: Rich, name: str, prompt: str) -> tuple[str, str, bool]:
    """The items stand in the file by their texts, not in the order that is right."""
    items = question.details.get("items", [])
    places = sorted(range(len(items)), key=lambda index: (items[index]["text"], index))
    choices = "".join(
        f'<simpleChoice identifier="{_identifier(i)}">{rich(items[i]["text"], items[i].get("html", ""))}</simpleChoice>'
        for i in places
    )
    declaration = _declaration(name, "ordered", "identifier", [_identifier(i) for i in range(len(items))])
    return (
        declaration,
        f'<orderInteraction responseIdentifier="{name}" shuffle="true">{prompt}{choices}</orderInteraction>',
        False,
    )


def _essay(question: Question, name: str, prompt: str) -> tuple[str, str, bool]:
    lines = question.details.get("lines")
    expected = f' expectedLines="{lines}"' if lines else ""
    interaction = f'<extendedTextInteraction responseIdentifier="{name}"{expected}>{prompt}</extendedTextInteraction>'
    return _declaration(name, "single", "string", []), interaction, False


def _typed(question: Question, rich: Rich) -> Body:
    """Typed answers and drop-downs; one alone stands in a paragraph of its own behind the stem."""
    if question.kind == "gap_text":
        gaps = question.details.get("gaps", [])
        markup = rich(question.stem, question.stem_html)
        for number, gap in enumerate(gaps, start=1):
            markup = markup.replace(f"[[{number}]]", _gap(gap, f"RESPONSE_{number}"), 1)
    else:
        field = "numeric" if question.kind == "numeric" else "accepted"
        gaps = [{field: question.details.get("answers" if field == "numeric" else "accepted", [])}]
        markup = f"{rich(question.stem, question.stem_html)}<p>{_gap(gaps[0], 'RESPONSE_1')}</p>"
    case = bool(question.details.get("match_case"))
    declared = [_declared_gap({"match_case": case, **gap}, f"RESPONSE_{n}") for n, gap in enumerate(gaps, start=1)]
    rules = [_rules(gap, f"RESPONSE_{number}") for number, gap in enumerate(gaps, start=1)]
    return Body("\n".join(declared), markup, f"<responseProcessing>{''.join(rules)}</responseProcessing>")


def _gap(gap: Mapping[str, Any], name: str) -> str:
    if "choices" not in gap:
        return f'<textEntryInteraction responseIdentifier="{name}" expectedLength="20"/>'
    choices = "".join(
        f'<inlineChoice identifier="{_identifier(i)}">{escape(one["text"])}</inlineChoice>'
        for i, one in enumerate(gap["choices"])
    )
    return f'<inlineChoiceInteraction responseIdentifier="{name}" shuffle="true">{choices}</inlineChoiceInteraction>'


def _declared_gap(gap: Mapping[str, Any], name: str) -> str:
    points = gap.get("points", 1)
    if "choices" in gap:
        worth = {_identifier(i): _share(one, correct=one.get("correct", False)) for i, one in enumerate(gap["choices"])}
        return _declaration(name, "single", "identifier", *_scored(worth, points))
    if "numeric" in gap:
        worth = {as_value(one)[0]: _share(one) for one in gap["numeric"]}
        return _declaration(name, "single", "float", *_scored(worth, points))
    worth = {one["text"]: _share(one) for one in gap["accepted"]}
    return _declaration(name, "single", "string", *_scored(worth, points), match_case=bool(gap.get("match_case")))


def _share(one: Mapping[str, Any], *, correct: bool = True) -> Fraction:
    return Fraction(one.get("share", 1000 if correct else 0), 1000)


def _scored(worth: Mapping[str, Fraction], points: int) -> tuple[list[str], dict[str, Fraction]]:
    full = [value for value, share in worth.items() if share >= 1]
    return full[:1], {value: share * points for value, share in worth.items() if share}


def _rules(gap: Mapping[str, Any], name: str) -> str:
    """Scores are added up; a number is compared within its tolerance."""
    variable = f'<variable identifier="{name}"/>'
    if "numeric" not in gap:
        return _sum(f'<mapResponse identifier="{name}"/>')
    branches: list[str] = []
    for one in gap["numeric"]:
        value, tolerance = as_value(one)
        if one.get("mode") == "relative":
            percent = float(Fraction(one.get("tolerance") or "0") * 100)
            mode = f'toleranceMode="relative" tolerance="{percent:.10g} {percent:.10g}"'
        else:
            mode = f'toleranceMode="absolute" tolerance="{tolerance} {tolerance}"'
        base = f'<baseValue baseType="float">{value}</baseValue>'
        tag = "responseElseIf" if branches else "responseIf"
        score = _sum(f'<baseValue baseType="float">{float(_share(one)):g}</baseValue>')
        branches.append(f"<{tag}><equal {mode}>{variable}{base}</equal>{score}</{tag}>")
    return f"<responseCondition>{''.join(branches)}</responseCondition>"


def _sum(value: str) -> str:
    return f'<setOutcomeValue identifier="SCORE"><sum><variable identifier="SCORE"/>{value}</sum></setOutcomeValue>'
