"""The embedded Files API as a real process on a real socket, for any test that needs one."""

import contextlib
import os
import select
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from types import TracebackType
from typing import Self

KEY_VARIABLE = "FILES_TUI_DEMO_KEY"
LIVE = ("--processing-seconds", "0")
"""What is uploaded is ready at once."""


class RunningDemo:
    """`python -m files_tui.demo` as a context manager; it takes any free port unless told otherwise.

    Leaving it checks that the server ended by itself and wrote nothing on stderr.
    """

    def __init__(self, *args: str, env: Mapping[str, str] | None = None, timeout: float = 20.0) -> None:
        self.base_url = ""
        self._args = args
        self._env = {name: value for name, value in os.environ.items() if name != KEY_VARIABLE}
        self._env.update(env or {})
        self._timeout = timeout

    def __enter__(self) -> Self:
        self._stderr = tempfile.TemporaryFile()
        # A pipe on stdin ends the server even when the test run is killed.
        self.process = subprocess.Popen(
            [sys.executable, "-m", "files_tui.demo", "--port", "0", "--watch-stdin", *self._args],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._stderr,
            env=self._env,
        )
        try:
            self.base_url = self._first_line()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        noise, killed = self._end()
        if kind is None:
            assert not killed, "the demo server did not end on SIGTERM"
            assert noise == "", f"the demo server wrote on stderr: {noise}"

    @property
    def port(self) -> int:
        """The port of `base_url`."""
        return int(self.base_url.rsplit(":", 1)[1].split("/")[0])

    def _first_line(self) -> str:
        assert self.process.stdout is not None
        ready, _, _ = select.select([self.process.stdout], [], [], self._timeout)
        line = self.process.stdout.readline().decode().strip() if ready else ""
        if not line:
            raise RuntimeError(f"the demo server did not start: {self._read_stderr()}")
        return line

    def _read_stderr(self) -> str:
        self._stderr.seek(0)
        return self._stderr.read().decode(errors="replace")

    def _end(self) -> tuple[str, bool]:
        killed = False
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            killed = True
        for pipe in (self.process.stdin, self.process.stdout):
            assert pipe is not None
            pipe.close()
        with self._stderr:
            return self._read_stderr(), killed


@contextlib.contextmanager
def running_demo(*args: str, env: Mapping[str, str] | None = None) -> Iterator[str]:
    """The base URL of a demo server that lives as long as the block."""
    with RunningDemo(*args, env=env) as demo:
        yield demo.base_url
