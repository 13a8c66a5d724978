"""Forms of stops and make-ups: shape only."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from wtforms import BooleanField, RadioField, SelectChoice, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional

from examapp.core import clock, text
from examapp.core.errors import Invalid
from examapp.core.forms import DateField, HouseForm, MomentField, choices
from examapp.core.words import _, _l
from examapp.rounds.models import Shift
from examapp.sittings.models import StopOutcome

_SHAPE = re.compile(r"(\d{1,2})\s*(?:[:h.]|giờ)\s*(\d{1,2})?(?:\s*phút)?", re.IGNORECASE)


class ClockField(StringField):  # type: ignore[misc]
    """A time of the day as it is read off a clock: 8:05, 08:05, 8h05, 8 giờ 5."""

    data: Any

    def _value(self) -> str:
        if self.raw_data:
            return str(self.raw_data[0])
        return self.data.strftime("%H:%M") if isinstance(self.data, time) else ""

    def process_formdata(self, valuelist: list[Any]) -> None:
        raw = (valuelist[0] if valuelist else "").strip()
        self.data = None
        if not raw:
            return
        try:
            hour, minute = _SHAPE.fullmatch(raw).groups()  # type: ignore[union-attr]
            self.data = time(int(hour), int(minute or 0))
        except (AttributeError, ValueError):
            raise ValueError(_("Hãy ghi giờ và phút, ví dụ 08:05.")) from None


class StopForm(HouseForm):
    """What happened, by the clock on the wall; the day is asked for where there is more than one."""

    day = DateField(
        _l("Ngày"),
        validators=[InputRequired()],
        description=_l("Gián đoạn qua nửa đêm thì ghi làm hai lần, mỗi ngày một lần."),
    )
    began = ClockField(_l("Từ lúc"), validators=[InputRequired()], description=_l("Giờ và phút, ví dụ 08:10."))
    ended = ClockField(_l("Đến lúc"), validators=[InputRequired()], description=_l("Lúc làm bài tiếp được."))
    devices_taken = BooleanField(
        _l("Thiết bị đã bị thu lại trong lúc đó"),
        description=_l("Khi đó chủ tịch hội đồng quyết định, dù gián đoạn ngắn."),
    )
    reason = StringField(
        _l("Lý do"),
        validators=[InputRequired(), Length(max=300)],
        description=_l("Người dự thi đọc được dòng này, ví dụ: Mất điện từ 8 giờ 10 đến 8 giờ 25."),
    )

    def ask_day(self, starts: datetime, ends: datetime) -> None:
        """Between these moments it happened; today is offered, or the day that is nearest to it."""
        self.first = clock.local(starts).date()
        self.last = max(self.first, clock.local(ends - timedelta(microseconds=1)).date())
        if self.first == self.last:
            del self.day
        elif not self.is_submitted():
            self.day.data = min(max(clock.today(), self.first), self.last)

    def moments(self) -> tuple[datetime, datetime]:
        """From when to when; refused where the day is none of those it may have been."""
        asked: date | None = self.day.data if self.day is not None else None
        day = asked or self.first
        if not self.first <= day <= self.last:
            raise Invalid(
                _(
                    "Ngày này nằm ngoài thời gian thi, từ %(first)s đến %(last)s.",
                    first=text.format_date(self.first),
                    last=text.format_date(self.last),
                ),
                field="day",
            )
        began, ended = (clock.from_local(datetime.combine(day, at)) for at in (self.began.data, self.ended.data))
        return began, ended


class StopDecisionForm(HouseForm):
    """The chair's word."""

    outcome = RadioField(
        _l("Quyết định"),
        validators=[InputRequired(message=_l("Hãy chọn một quyết định."))],
        choices=[
            SelectChoice(StopOutcome.MAKE_UP.value, _l("Cho thi bù bằng một đề khác")),
            SelectChoice(StopOutcome.REFUSED.value, _l("Không thi bù, bài đang làm được tính như bình thường")),
        ],
    )
    shift = SelectField(
        _l("Ca thi bù"), coerce=lambda value: int(value) if value else None, description=_l("Chỉ cần khi cho thi bù.")
    )
    reason = StringField(
        _l("Lý do"),
        validators=[InputRequired(), Length(max=300)],
        description=_l("Người dự thi đọc được dòng này. Ghi cả số và ngày của biên bản, nếu có."),
    )

    def offer(self, shifts: list[tuple[Shift, str]]) -> None:
        self.shift.choices = choices([(shift.id, label) for shift, label in shifts], empty=_("Chọn ca thi"))


class MakeUpShiftForm(HouseForm):
    """A further shift of an open round."""

    name = StringField(_l("Tên ca"), validators=[InputRequired(), Length(max=100)])
    starts_at = MomentField(_l("Bắt đầu"), validators=[InputRequired()])
    ends_at = MomentField(_l("Kết thúc"), validators=[InputRequired()])
    place = StringField(_l("Địa điểm"), validators=[Optional(), Length(max=200)])
    contact = StringField(
        _l("Liên hệ khi cần giúp"),
        validators=[Optional(), Length(max=100)],
        description=_l("Tên và số điện thoại hiện trên trang của người dự thi."),
    )
