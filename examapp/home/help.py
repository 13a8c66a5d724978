"""Short help by role: what to do first, and whom to call."""

from __future__ import annotations

from dataclasses import dataclass

from examapp.accounts.models import Role
from examapp.accounts.roles import LABELS
from examapp.core.words import N_


@dataclass(frozen=True, slots=True)
class Guide:
    """What a role does first."""

    key: str
    title: str
    steps: tuple[str, ...]
    call: str
    """Whom to ask."""


SUPPORT = N_("Bộ phận hỗ trợ, số điện thoại ở cuối trang này.")

OFFICIAL = Guide(
    "official",
    N_("Người dự thi"),
    (
        N_("Đăng nhập lần đầu bằng mã cán bộ và mã một lần trên phiếu đăng nhập, rồi đặt mật khẩu riêng."),
        N_(
            "Đến giờ thi, mở “Việc của tôi”: bài thi hôm nay hiện ở đầu trang. Đọc nội quy rồi bấm bắt đầu; "
            "đồng hồ chỉ chạy từ lúc bắt đầu."
        ),
        N_(
            "Câu trả lời được lưu ngay khi chọn. Mất mạng thì cứ làm tiếp trên thiết bị đó, không đóng trang; "
            "bài tự gửi khi có mạng lại."
        ),
        N_("Nộp bài xong, giữ lại mã biên nhận. Kết quả hiện trong “Hồ sơ của tôi” khi được công bố."),
    ),
    N_("Trong lúc thi: giám thị, hoặc số điện thoại ghi ở ca thi. Quên mật khẩu, mất phiếu: đầu mối của đơn vị."),
)
ROLES: dict[Role, Guide] = {
    Role.EXAMINER: Guide(
        Role.EXAMINER.value,
        LABELS[Role.EXAMINER],
        (
            N_("Mở “Ngân hàng câu hỏi”, nhập tệp Word hoặc Excel có sẵn, hoặc viết từng câu."),
            N_("Xem những chỗ hệ thống báo cần sửa, sửa ngay tại trang rồi mới xác nhận lưu."),
            N_("Gắn chuyên đề, mức độ và căn cứ pháp lý cho câu hỏi, rồi gửi thẩm định."),
        ),
        SUPPORT,
    ),
    Role.REVIEWER: Guide(
        Role.REVIEWER.value,
        LABELS[Role.REVIEWER],
        (
            N_("Mở danh sách câu hỏi chờ thẩm định. Không ai thẩm định câu hỏi do mình viết."),
            N_("Kiểm tra đáp án, căn cứ pháp lý còn hiệu lực và cách diễn đạt; duyệt, hoặc trả lại kèm lý do."),
        ),
        SUPPORT,
    ),
    Role.BANK_MANAGER: Guide(
        Role.BANK_MANAGER.value,
        LABELS[Role.BANK_MANAGER],
        (
            N_("Mở “Ma trận đề”: ô nào thiếu câu thì giao viết cho người ra câu hỏi, có hạn; theo dõi số đã viết."),
            N_("Lập gói thẩm định từ các câu đang chờ, chọn người thẩm định; in danh sách, đóng gói, tải biên bản."),
            N_("Xem câu có số liệu bất thường sau mỗi kỳ thi; giữ cây chuyên đề gọn và đúng bốn mảng nội dung."),
        ),
        SUPPORT,
    ),
    Role.ORGANISER: Guide(
        Role.ORGANISER.value,
        LABELS[Role.ORGANISER],
        (
            N_("Lập ma trận đề cho phần chung và từng vị trí việc làm; xem ngay ngân hàng có đủ câu hỏi không."),
            N_("Tạo kỳ thi, ghi căn cứ và ca thi, đưa người dự thi vào danh sách, rồi niêm phong đề và mở kỳ thi."),
            N_("Sau ca thi cuối: đóng kỳ thi, tính kết quả, công bố, rồi nhập quyết định công nhận kết quả."),
        ),
        SUPPORT,
    ),
    Role.INVIGILATOR: Guide(
        Role.INVIGILATOR.value,
        LABELS[Role.INVIGILATOR],
        (
            N_("Mở kỳ thi, vào bảng theo dõi: ai đã bắt đầu, đang làm, đã nộp."),
            N_("Thiết bị hỏng: cho người dự thi đăng nhập ở thiết bị khác và làm tiếp; câu trả lời đã lưu vẫn còn."),
            N_("Cần thêm giờ cho một người hoặc cả ca: nhập số phút và lý do tại bảng theo dõi."),
        ),
        N_("Người tổ chức thi, hoặc bộ phận hỗ trợ theo số điện thoại ở cuối trang này."),
    ),
    Role.EVALUATOR: Guide(
        Role.EVALUATOR.value,
        LABELS[Role.EVALUATOR],
        (
            N_("Mở “Đánh giá hằng năm”, chọn năm và đơn vị, lập danh sách đánh giá."),
            N_("Nhập điểm hoặc điều kiện của từng người; kết quả thi đã công nhận hiện bên cạnh làm căn cứ."),
            N_("Hệ thống chỉ đề nghị mức xếp loại; người có thẩm quyền quyết định, ghi số và ngày quyết định."),
        ),
        SUPPORT,
    ),
    Role.LEADER: Guide(
        Role.LEADER.value,
        LABELS[Role.LEADER],
        (
            N_("Mở “Toàn cảnh” để xem tỷ lệ tham gia, kết quả và xếp loại theo năm, đơn vị và vị trí việc làm."),
            N_("Bấm vào tên đơn vị để xem bên trong; bấm “Số liệu” dưới mỗi hình để xem bảng số."),
            N_("Tải các bảng ra Excel bằng nút ở đầu trang."),
        ),
        SUPPORT,
    ),
    Role.FOCAL_PERSON: Guide(
        Role.FOCAL_PERSON.value,
        LABELS[Role.FOCAL_PERSON],
        (
            N_("In phiếu đăng nhập cho người của đơn vị, trao tận tay từng người."),
            N_("Ai mất phiếu hoặc quên mật khẩu thì in phiếu mới; phiếu cũ hết giá trị ngay và việc in được ghi lại."),
        ),
        SUPPORT,
    ),
    Role.ADMINISTRATOR: Guide(
        Role.ADMINISTRATOR.value,
        LABELS[Role.ADMINISTRATOR],
        (
            N_("Nạp đơn vị, vị trí việc làm và cán bộ từ một tệp Excel; xem trước mọi lỗi rồi mới xác nhận."),
            N_("Cấp tài khoản và vai trò theo đơn vị, có thời hạn và căn cứ."),
            N_("Kiểm tra văn bản pháp luật và bộ tiêu chí còn hiệu lực trước mỗi kỳ thi, mỗi năm đánh giá."),
        ),
        N_("Đơn vị cung cấp và vận hành hệ thống."),
    ),
    Role.INSPECTOR: Guide(
        Role.INSPECTOR.value,
        LABELS[Role.INSPECTOR],
        (
            N_("Chỉ xem: kỳ thi, kết quả, đánh giá và nhật ký trong phạm vi được giao; không sửa được gì."),
            N_("Từ “Toàn cảnh” mở xuống kỳ thi, kết quả và hồ sơ từng người."),
        ),
        SUPPORT,
    ),
}


def guides_for(roles: set[Role], *, is_official: bool) -> list[Guide]:
    """The guides of a person's roles; everything for somebody without any."""
    own = [OFFICIAL] if is_official else []
    own += [guide for role, guide in ROLES.items() if role in roles]
    return own or [OFFICIAL, *ROLES.values()]
