"""Starting the server says when it can be used."""

from __future__ import annotations

import socket
import subprocess
import sys
from dataclasses import replace

import pytest

from examapp.core.cli import _tell_when_ready


@pytest.mark.parametrize(("lives", "said"), [(True, "Sẵn sàng: http://127.0.0.1:"), (False, "")])
def test_ready_is_said_when_the_port_answers(app, capsys, lives: bool, said: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        settings = replace(app.config["SETTINGS"], host="0.0.0.0", port=listening.getsockname()[1])
        web = subprocess.Popen([sys.executable, "-c", "input()" if lives else ""], stdin=subprocess.PIPE)
        try:
            if not lives:
                web.wait()
            _tell_when_ready(settings, web)
        finally:
            web.communicate(b"\n")
    assert said in capsys.readouterr().out
