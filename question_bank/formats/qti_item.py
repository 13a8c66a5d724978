"""One QTI item on its way to a question: its texts, images, identity and what could not be kept."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence
from html import escape

from question_bank import rich_text
from question_bank.formats.base import Collector
from question_bank.formats.moodle_text import LONGEST, Marked
from question_bank.formats.pictures import decoded
from question_bank.formats.qti_scoring import Declared, declarations, is_plain
from question_bank.formats.qti_tree import Node, Swap
from question_bank.messages import N_, Message
from question_bank.question import clean_text

GAP = "_____"
_ASIDE = frozenset(
    re.findall(r"\w+", "rubricBlock feedbackBlock feedbackInline modalFeedback stylesheet infoControl templateBlock")
)
_DATA = re.compile(r"data:image/[\w.+-]+(?:;[\w=-]+)*;base64,", re.IGNORECASE)

Files = Callable[[str], bytes | None]


class ItemError(Exception):
    """The item cannot become a question; the message says why."""

    def __init__(self, message: Message) -> None:
        super().__init__(message)
        self.message = message


class Item:
    """An ``assessmentItem``, the files beside it, and where its problems go."""

    def __init__(
        self, node: Node, collector: Collector, path: str, files: Files, kind: str = "", scoring: str = ""
    ) -> None:
        """``kind`` and ``scoring`` are what this bank wrote beside an item of its own."""
        self.node = node
        self.collector = collector
        self.declared = declarations(node)
        self.doubts: list[Message] = []
        self.kind, self.scoring = kind, scoring
        self._folder = posixpath.dirname(path)
        self._files = files
        self._path = path

    @property
    def place(self) -> Message:
        title = clean_text(self.node.get("title"))[:80]
        where = Message(N_("Tệp {path}, "), path=self._path) if self._path else ""
        if title:
            template = N_("{where}phần tử assessmentItem “{id}”, câu “{title}”")
            return Message(template, where=where, id=self.node.get("identifier")[:60], title=title)
        return Message(N_("{where}phần tử assessmentItem “{id}”"), where=where, id=self.node.get("identifier")[:60])

    @property
    def body(self) -> Node:
        return self.node.first("itemBody") or Node("itemBody", line=self.node.line)

    @property
    def interactions(self) -> list[Node]:
        return [node for node in self.body.walk() if node.name.endswith("Interaction")]

    def response(self, interaction: Node) -> Declared:
        """What is declared for the interaction; an empty declaration where nothing is."""
        name = interaction.get("responseIdentifier", "RESPONSE")
        return self.declared.get(name) or Declared(name, "single", "identifier")

    def doubt(self, template: str, **values: object) -> None:
        self.doubts.append(Message(template, **values))

    def marked(self, node: Node | None, swap: Swap | None = None) -> Marked:
        """The texts of an element, rich where they are, with its images named by digest."""
        if node is None:
            return Marked("", "")
        html = node.html(lambda inner: self._written(inner, swap))
        if len(html) > LONGEST:
            template = N_("Phần tử <{name}> ở dòng {line} dài {count} ký tự, quá giới hạn {most}: rút gọn rồi nhập.")
            raise ItemError(Message(template, name=node.name, line=node.line, count=len(html), most=LONGEST))
        return Marked(*rich_text.both(html))

    def _written(self, node: Node, swap: Swap | None) -> str | None:
        if swap and (said := swap(node)) is not None:
            return said
        if node.name in _ASIDE or node.name.endswith("Interaction"):
            return ""
        if node.name in ("img", "object"):
            return self._image(node)
        if node.name == "math":
            self.doubt(N_("Công thức MathML chỉ giữ được phần chữ: viết lại công thức sau khi nhập."))
            return escape(node.text)
        return None

    def _image(self, node: Node) -> str:
        address = node.get("src") or node.get("data")
        alt = clean_text(node.get("alt") or node.text)[:200]
        if _DATA.match(address):
            data = decoded(address.split(",", 1)[1])
        elif "://" in address or address.startswith("/"):
            data = None
        else:
            data = self._files(posixpath.join(self._folder, address))
        if data is None:
            template = N_("Hình “{name}” không có trong gói nên không nhập được: chèn hình sau khi nhập.")
            self.doubt(template, name=address[:100])
            return ""
        sha256 = self.collector.add_media(data, alt or address[-60:], self.place)
        return f'<img src="media:{sha256}" alt="{escape(alt)}">' if sha256 else ""

    def stem(self, prompts: Sequence[Node], swap: Swap | None = None) -> Marked:
        """The body without its interactions, then their prompts."""
        body = self.marked(self.body, swap)
        parts = [body, *(self.marked(prompt) for prompt in prompts)]
        parts = [part for part in parts if part.text]
        text = "\n".join(part.text for part in parts)
        if not any(part.html for part in parts):
            return Marked(text, "")
        return Marked(*rich_text.both("".join(part.html or rich_text.from_plain(part.text) for part in parts)))

    def explanation(self) -> str:
        """What is shown after the answer, and what is written for those who mark."""
        shown = [self.marked(node.first("contentBody") or node).text for node in self.node.all("modalFeedback")]
        return "\n".join(text for text in dict.fromkeys(shown) if text)

    def rubric(self) -> list[Node]:
        return self.body.below("rubricBlock")

    def feedback(self, choice: Node) -> str:
        return "\n".join(filter(None, (self.marked(node).text for node in choice.below("feedbackInline"))))

    def check_rules(self) -> None:
        if not is_plain(self.node):
            self.doubt(N_("Câu có quy tắc chấm riêng không giữ được; đáp án đã khai được dùng, cần xem lại cách chấm."))
