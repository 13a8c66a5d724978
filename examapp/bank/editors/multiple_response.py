"""Several right answers."""

from __future__ import annotations

from examapp.bank.editors.options import OptionsForm
from examapp.core.words import _


class MultipleResponseForm(OptionsForm):
    kind = "multiple_response"

    @classmethod
    def ways(cls) -> list[tuple[str, str]]:
        return [
            ("all_or_nothing", _("Chọn đúng hết và không thừa mới được điểm")),
            ("per_right", _("Mỗi phương án chọn đúng được một phần điểm; chọn nhiều hơn số đáp án thì không có điểm")),
            ("right_minus_wrong", _("Mỗi phương án chọn sai trừ đi một phương án chọn đúng, thấp nhất là không điểm")),
            ("weights", _("Mỗi phương án được một tỷ lệ điểm ghi ở phương án đó, có thể âm")),
        ]


FORM = MultipleResponseForm
