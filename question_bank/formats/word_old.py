"""Old Word files (.doc): converted by LibreOffice where it is installed, otherwise refused with advice."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from question_bank.formats.base import UnreadableFileError
from question_bank.messages import N_, Message

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SECONDS = 60

_NO_MACROS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableMacrosExecution" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="MacroSecurityLevel" oor:op="fuse"><value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="BlockUntrustedRefererLinks" oor:op="fuse"><value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="DisableActiveContent" oor:op="fuse"><value>true</value></prop></item>
</oor:items>
"""


def converted(data: bytes) -> bytes:
    """The document as .docx, in a profile of its own that runs no macro and is gone afterwards."""
    program = shutil.which("soffice") or shutil.which("libreoffice")
    if program is None:
        raise UnreadableFileError(
            Message(N_("Đây là tệp Word đời cũ (.doc): mở bằng Word, lưu lại dạng .docx rồi nhập."))
        )
    with tempfile.TemporaryDirectory(prefix="thuocdo-doc-") as name:
        folder = Path(name)
        profile = folder / "profile"
        (profile / "user").mkdir(parents=True)
        (profile / "user" / "registrymodifications.xcu").write_text(_NO_MACROS, encoding="utf-8")
        (folder / "de.doc").write_bytes(data)
        _run(program, folder, profile)
        result = folder / "out" / "de.docx"
        if not result.is_file():
            raise _failed()
        return result.read_bytes()


def _run(program: str, folder: Path, profile: Path) -> None:
    command = [
        program,
        f"-env:UserInstallation={profile.as_uri()}",
        *("--headless", "--norestore", "--nolockcheck", "--nodefault", "--nofirststartwizard"),
        *("--convert-to", "docx", "--outdir", str(folder / "out"), str(folder / "de.doc")),
    ]
    quiet = subprocess.DEVNULL
    process = subprocess.Popen(  # noqa: S603 - the program is found on the path, the arguments are our own
        command, cwd=folder, stdin=quiet, stdout=quiet, stderr=quiet, start_new_session=True
    )
    try:
        process.wait(timeout=SECONDS)
    except subprocess.TimeoutExpired as error:
        if os.name == "posix":
            os.killpg(process.pid, signal.SIGKILL)
        else:
            process.kill()
        process.wait()
        raise _failed() from error


def _failed() -> UnreadableFileError:
    template = N_("Không chuyển được tệp Word đời cũ (.doc): mở bằng Word, lưu lại dạng .docx rồi nhập.")
    return UnreadableFileError(Message(template))
