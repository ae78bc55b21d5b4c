"""The demo server as a process: how it starts, what it keeps, how it ends."""

import os
import signal
import socket
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, suppress
from pathlib import Path

import pytest
from openai import AuthenticationError, OpenAI

from files_tui.demo import launch
from files_tui.demo.launch import DemoError, DemoServer
from tests.demo_server import RunningDemo, running_demo
from tests.waiting import DEADLINE, until

COMMAND = [sys.executable, "-m", "files_tui.demo"]


def listens(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port)).close()
    except OSError:
        return False
    return True


def port_of_ones_own() -> int:
    """A free port that meanwhile no other process is given: below those that a system hands out by itself."""
    for port in range(20_000 + os.getpid() % 10_000, 32_000):
        with suppress(OSError):
            socket.create_server(("127.0.0.1", port)).close()
            return port
    raise AssertionError("no port is free")


def names(url: str) -> list[str]:
    with OpenAI(base_url=url, api_key="any") as client:
        return sorted(file.filename for file in client.files.list())


def run(*args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *args], capture_output=True, text=True, timeout=DEADLINE, check=False)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_it_ends_clean_with_stuck_clients(tmp_path: Path, number: signal.Signals) -> None:
    with RunningDemo("--bulk", "5000", env={"TMPDIR": str(tmp_path)}) as demo:
        assert len(list(tmp_path.iterdir())) == 1
        with (
            socket.create_connection(("127.0.0.1", demo.port)) as silent,
            socket.create_connection(("127.0.0.1", demo.port)) as deaf,
        ):
            silent.sendall(
                b"POST /v1/files HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n"
                b"Content-Type: multipart/form-data; boundary=B\r\n\r\n--B"
            )
            deaf.sendall(b"GET /v1/files HTTP/1.1\r\nHost: x\r\n\r\n" * 50)
            assert deaf.recv(1)
            with OpenAI(base_url=demo.base_url, api_key="any") as client:
                for _ in range(20):
                    assert client.files.list(limit=1).has_more
            demo.process.send_signal(number)
            assert demo.process.wait(DEADLINE) == 0
    assert list(tmp_path.iterdir()) == []


def test_it_ends_with_its_stdin(tmp_path: Path) -> None:
    with RunningDemo("--empty", env={"TMPDIR": str(tmp_path)}) as demo:
        assert demo.process.stdin is not None
        demo.process.stdin.close()
        assert demo.process.wait(DEADLINE) == 0
    assert list(tmp_path.iterdir()) == []


def test_a_folder_is_kept_and_filled_once(tmp_path: Path) -> None:
    folder = tmp_path / "new" / "store"
    with running_demo("--bulk", "3", "--dir", str(folder)) as url:
        first = names(url)
        with OpenAI(base_url=url, api_key="any") as client:
            client.files.create(file=("mine.txt", b"x"), purpose="user_data")
    with running_demo("--dir", str(folder)) as url:
        assert names(url) == sorted([*first, "mine.txt"])


def test_what_broke_off_before_is_swept_away(tmp_path: Path) -> None:
    (tmp_path / "blobs").mkdir()
    left_over = tmp_path / "blobs" / ".incoming-1"
    left_over.touch()
    with running_demo("--empty", "--dir", str(tmp_path)):
        assert not left_over.exists()


def test_a_folder_serves_one_server(tmp_path: Path) -> None:
    with running_demo("--empty", "--dir", str(tmp_path)):
        second = run("--dir", str(tmp_path))
    assert (second.returncode, second.stdout) == (2, "")
    assert second.stderr == f"Another demo server is using {tmp_path}\n"


def test_a_folder_that_cannot_be_written_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    ended = run("--dir", str(tmp_path / "file"))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"Cannot write to {tmp_path / 'file'}: Not a directory\n"


def test_a_folder_with_another_database_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "demo.sqlite3").write_text("something else entirely" * 100)
    ended = run("--dir", str(tmp_path))
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"Cannot use {tmp_path / 'demo.sqlite3'}: ")
    assert ended.stderr.count("\n") == 1


def test_a_port_in_use_is_one_line() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as taken:
        port = taken.getsockname()[1]
        ended = run("--port", str(port))
    assert (ended.returncode, ended.stdout) == (2, "")
    assert ended.stderr == f"Cannot listen on 127.0.0.1:{port}: Address already in use\n"


def test_it_listens_on_the_port_it_was_given() -> None:
    port = port_of_ones_own()
    with running_demo("--empty", "--port", str(port)) as url:
        assert url == f"http://127.0.0.1:{port}/v1"


def test_a_port_that_is_none_is_one_line() -> None:
    ended = run("--port", "70000")
    assert ended.returncode == 2
    assert ended.stderr == "Cannot listen on 127.0.0.1:70000: bind(): port must be 0-65535.\n"


def test_launched_it_is_out_of_reach_of_the_terminal() -> None:
    with DemoServer("--empty") as server:
        server.base_url()
        assert os.getsid(server._process.pid) != os.getsid(0)


def test_launched_it_is_reached_from_any_thread() -> None:
    with DemoServer("--bulk", "2", key="sk-secret") as server:
        with ThreadPoolExecutor(4) as pool:
            urls = set(pool.map(lambda _: server.base_url(), range(4)))
        (url,) = urls
        with OpenAI(base_url=url, api_key="sk-secret") as client:
            assert len(client.files.list().data) == 2
        with OpenAI(base_url=url, api_key="sk-guess") as client, pytest.raises(AuthenticationError):
            client.files.list()
        port = int(url.removesuffix("/v1").rpartition(":")[2])
    assert not listens(port)
    server.close()


def test_launched_in_vain_it_says_why(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with (
        DemoServer("--dir", str(tmp_path / "file")) as server,
        pytest.raises(DemoError, match=r"ended before it could be reached\. Cannot write to .*: Not a dir"),
    ):
        server.base_url()


def test_closed_before_it_answers_it_frees_who_waits() -> None:
    server = DemoServer("--bulk", "2000000")
    with pytest.raises(DemoError, match=r"did not start within 0 seconds\."):
        server.base_url(timeout=0)
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(server.base_url)
        server.close()
        with pytest.raises(DemoError, match="ended before"):
            waiting.result()


def test_launched_it_ends_with_a_killed_parent(tmp_path: Path) -> None:
    script = (
        "import sys, time\nfrom files_tui.demo.launch import DemoServer\n"
        "print(DemoServer('--empty').base_url(), flush=True)\ntime.sleep(60)\n"
    )
    environment = {**os.environ, "TMPDIR": str(tmp_path)}
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, env=environment) as parent:
        assert parent.stdout is not None
        port = int(parent.stdout.readline().decode().strip().removesuffix("/v1").rpartition(":")[2])
        assert listens(port)
        parent.kill()
    until(lambda: not listens(port))
    until(lambda: list(tmp_path.iterdir()) == [])


def test_launching_imports_nothing_of_the_extra() -> None:
    script = (
        "import sys, files_tui.demo.launch\n"
        "print({'starlette', 'uvicorn', 'python_multipart', 'anyio', 'sqlite3'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "set()\n"


def test_missing_packages_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    assert launch.missing_packages() == []
    monkeypatch.setitem(launch.PACKAGES, "python-multipart", "python_multipart_that_is_not_there")
    assert launch.missing_packages() == ["python-multipart"]
