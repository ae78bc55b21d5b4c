"""Starts the demo server as a process of its own; imports nothing that the extra brings."""

import importlib.util
import os
import subprocess
import sys
import tempfile
import threading
from types import TracebackType
from typing import Self

PACKAGES = {"starlette": "starlette", "uvicorn": "uvicorn", "python-multipart": "python_multipart"}
KEY_VARIABLE = "FILES_TUI_DEMO_KEY"
END_SECONDS = 3.0


class DemoError(Exception):
    """The demo server does not run; the text is one line for the user."""


def missing_packages() -> list[str]:
    """Packages of the `demo` extra that are not installed."""
    return [package for package, module in PACKAGES.items() if importlib.util.find_spec(module) is None]


class DemoServer:
    """A running `python -m files_tui.demo`, which ends with this process, however that ends."""

    def __init__(self, *arguments: str, key: str = "") -> None:
        """Starts the process and returns at once; `arguments` are those of its command line.

        With a `key`, which does not show in the list of processes, the server asks for it.
        """
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        if key:
            environment[KEY_VARIABLE] = key
        else:
            environment.pop(KEY_VARIABLE, None)
        self._url = ""
        self._answered = threading.Event()
        self._closing = threading.Lock()
        self._stderr = tempfile.TemporaryFile()  # noqa: SIM115 (closed by close)
        try:
            # A session of its own keeps Ctrl-C in the terminal away from it, and -P a module of the
            # current folder that happens to be called like one of the server's.
            self._process = subprocess.Popen(
                [sys.executable, "-P", "-m", "files_tui.demo", "--watch-stdin", *arguments],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._stderr,
                env=environment,
                start_new_session=True,
            )
        except OSError as error:
            self._stderr.close()
            raise DemoError(f"The demo server did not start: {error.strerror}") from None
        self._reader = threading.Thread(target=self._read_url, name="demo server", daemon=True)
        self._reader.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def base_url(self, timeout: float = 20.0) -> str:
        """Waits until the server accepts connections; returns its URL, with the /v1.

        `DemoError` if it ended or does not answer within `timeout` seconds. Any thread may call it.
        """
        if not self._answered.wait(timeout):
            raise DemoError(f"The demo server did not start within {timeout:g} seconds.{self._last_words()}")
        if not self._url:
            raise DemoError(f"The demo server ended before it could be reached.{self._last_words()}")
        return self._url

    def close(self) -> None:
        """Ends the server; a second call does nothing."""
        with self._closing:
            if self._stderr.closed:
                return
            self._process.terminate()
            try:
                self._process.wait(END_SECONDS)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
            self._reader.join()
            for pipe in (self._process.stdin, self._process.stdout):
                if pipe is not None:
                    pipe.close()
            self._stderr.close()

    def _read_url(self) -> None:
        if self._process.stdout is not None:
            self._url = self._process.stdout.readline().decode("utf-8", "replace").strip()
        self._answered.set()

    def _last_words(self) -> str:
        with self._closing:
            if self._stderr.closed:
                return ""
            # Not through the file's own position, which the server writes at.
            size = os.fstat(self._stderr.fileno()).st_size
            text = os.pread(self._stderr.fileno(), 4096, max(size - 4096, 0)).decode("utf-8", "replace")
        lines = text.strip().splitlines()
        return f" {lines[-1].strip()}" if lines else ""
