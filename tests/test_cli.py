"""The command line, run as a program of its own with an environment of its own."""

import contextlib
import io
import os
import pty
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from files_tui import __version__
from files_tui.api.models import Exchange
from files_tui.cli import browse, main
from files_tui.cli.request_log import RequestLog
from files_tui.cli.words import OutputFailed
from files_tui.settings import Settings, SettingsError, config_file
from files_tui.text import Safe
from files_tui.ui.app import FilesApp
from files_tui.ui.keymap import defaults_of
from files_tui.ui.keys import PLACES

Done = subprocess.CompletedProcess[str]
Run = Callable[..., Done]
Environ = dict[str, str]


@pytest.fixture
def environ(tmp_path: Path) -> Environ:
    """Nothing but a home folder."""
    return {"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "config"), "PATH": os.environ["PATH"]}


@pytest.fixture
def run(environ: Environ, tmp_path: Path) -> Run:
    """Runs the program, without a terminal unless one is given; `more` is added to its environment."""

    def ran(*arguments: str, more: dict[str, str] | None = None, terminal: int | None = None) -> Done:
        return subprocess.run(
            [sys.executable, "-W", "error", "-m", "files_tui", *arguments],
            env={**environ, **(more or {})},
            cwd=tmp_path,
            text=True,
            timeout=30,
            check=False,
            stdin=subprocess.DEVNULL if terminal is None else terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE if terminal is None else terminal,
        )

    return ran


KEY = {"OPENAI_API_KEY": "sk-hidden"}
NO_TERMINAL = "files-tui: a terminal is needed on standard input and standard error\n"


def refused(done: Done) -> str:
    """What a refusal says: one line on stderr, exit code 2, nothing on stdout, no key and no traceback."""
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert "sk-hidden" not in done.stderr
    assert "Traceback" not in done.stderr
    assert done.stderr.endswith("\n")
    return done.stderr


def test_version(run: Run) -> None:
    done = run("--version")
    assert (done.returncode, done.stdout, done.stderr) == (0, f"files-tui {__version__}\n", "")


def test_help_names_every_flag(run: Run) -> None:
    done = run("--help")
    assert done.returncode == 0
    assert "--read-only" in done.stdout
    assert "OPENAI_API_KEY" in done.stdout


def test_keys_prints_every_command_with_the_keys_in_force(run: Run, environ: Environ) -> None:
    done = run("keys")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(defaults_of(PLACES))
    assert "copy.id               c                Copy the id, or all marked" in lines
    assert "table.down            j ↓              Move down, turn the page" in lines

    config = Path(environ["XDG_CONFIG_HOME"]) / "files-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(
        "[keys]\ncopy.id = 'ctrl+y, Y'\nlist.sort = 'none'\ntable.down = 'j, ↓'\nfile.filter = 'x'\nt = 1\n"
    )
    if sys.platform == "linux":
        done = run("keys")
        changed = [line for line in done.stdout.splitlines() if line not in lines]
        assert changed == [
            "copy.id               ctrl+y Y         Copy the id, or all marked · instead of c",
            "list.sort             none             Sort by another column · instead of s",
        ]
        assert done.stderr == (
            'files-tui: config.toml line 6: t must be text, such as "c,ctrl+c", ignored\n'
            "files-tui: config.toml line 5: file.filter: there is no command of this id (list.filter?), ignored\n"
        )


def test_a_reader_that_has_read_enough_is_no_error(run: Run) -> None:
    words = f"{sys.executable} -m files_tui keys | true; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout in ("141\n", "0\n")  # the latter when all was written before the reader was gone
    assert done.stderr == ""


def test_paths_names_the_profile_file_and_the_folders_of_listings_and_transfers(run: Run, tmp_path: Path) -> None:
    done = run("paths")
    assert (done.returncode, done.stderr) == (0, "")
    if sys.platform == "linux":
        assert done.stdout == (
            f"settings   {tmp_path}/config/files-tui/config.toml\n"
            f"listings   {tmp_path}/.cache/files-tui\n"
            f"transfers  {tmp_path}/.local/state/files-tui\n"
            f"crashes    {tmp_path}/.local/state/files-tui/crash-*.txt\n"
        )
        elsewhere = {"XDG_CACHE_HOME": f"{tmp_path}/kept", "XDG_STATE_HOME": f"{tmp_path}/state"}
        moved = run("paths", more=elsewhere).stdout.splitlines()
        assert moved[1:3] == [f"listings   {tmp_path}/kept/files-tui", f"transfers  {tmp_path}/state/files-tui"]
        assert not (tmp_path / "kept").exists()
        assert not (tmp_path / "state").exists()


def test_what_an_output_has_no_letters_for_is_written_in_others(monkeypatch: pytest.MonkeyPatch) -> None:
    written = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(written, "ascii"))
    monkeypatch.setenv("XDG_STATE_HOME", "/\udcff/\u00e9")
    assert (main(["keys"]), main(["paths"])) == (0, 0)
    assert b"j \\u2193   " in written.getvalue()
    if sys.platform == "linux":
        assert b"transfers  /\xff/\xc3\xa9/files-tui\n" in written.getvalue()


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no such device")
def test_a_help_that_nobody_takes() -> None:
    program = f"{sys.executable} -m files_tui"
    words = f"{program} --help > /dev/full; echo $?; {program} x 2> /dev/full; echo $?"
    done = subprocess.run(["bash", "-c", words], capture_output=True, text=True, check=True)
    assert done.stdout == "1\n2\n"
    assert done.stderr == "files-tui: cannot write standard output: No space left on device\n"


def test_a_user_without_a_home_folder(environ: Environ) -> None:
    code = "import pwd; pwd.getpwuid = {}.__getitem__; from files_tui.cli import main; main(['paths'])"
    homeless = {name: value for name, value in environ.items() if name != "HOME" and not name.startswith("XDG_")}
    done = subprocess.run([sys.executable, "-c", code], env=homeless, capture_output=True, text=True, check=True)
    assert done.stdout.startswith("settings   /.config/files-tui/config.toml\n")


def test_without_a_key_it_says_what_to_do(run: Run) -> None:
    assert refused(run()) == (
        "files-tui: no API key: set OPENAI_API_KEY, or try --demo, which needs none\n"
        "  export OPENAI_API_KEY=sk-…    or    files-tui --demo\n"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--profile", "none"], "no profile 'none' in "),
        (["--profile", "a\x1b[31m\nb"], "no profile 'a␛[31m b' in "),
        (["--base-url", "localhost"], "'localhost' is not a base URL"),
        (["--base-url", "http://me:pw@x/"], "the base URL holds a user name or password"),
        (["--download-dir", "/nowhere/at all"], "no such folder: /nowhere/at all"),
        (["--read-only", "--upload", "a"], "--upload does not go with a read-only session"),
        (["--pick", "--upload", "a"], "--upload does not go with --pick"),
        (["--demo", "--base-url", "http://x"], "--demo does not go with --profile or --base-url"),
        (["--demo-dir", "d", "--profile", "x"], "--demo does not go with --profile or --base-url"),
    ],
)
def test_what_is_refused_on_one_line(run: Run, arguments: list[str], words: str) -> None:
    said = refused(run(*arguments, more=KEY))
    assert said.startswith("files-tui: " + words)
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--page-size", "0"], "--page-size: a number from 1 to 10000 is wanted"),
        (["--page-size", "10001"], "--page-size: a number from 1 to 10000 is wanted"),
        (["--page-size", "many"], "--page-size: a number from 1 to 10000 is wanted"),
        (["nothing"], "invalid choice: 'nothing'"),
        (["--upload"], "expected at least one argument"),
        (["--no-such-flag"], "unrecognized arguments: --no-such-flag"),
    ],
)
def test_what_the_parser_refuses(run: Run, arguments: list[str], words: str) -> None:
    assert words in refused(run(*arguments, more=KEY))


def test_what_is_wrong_with_the_file_is_told_and_ends_nothing_but_what_needs_it(run: Run, environ: Environ) -> None:
    config = Path(environ["XDG_CONFIG_HOME"]) / "files-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text("tehme = 'nord'\n[profiles.p]\nauth = 'basic'\n[profiles")
    if sys.platform == "linux":
        broken = "Expected ']' at the end of a table declaration"
        assert refused(run(more=KEY)) == (
            f"files-tui: config.toml line 4: {broken}; nothing of it is used\n{NO_TERMINAL}"
        )
        for arguments, more in ((["--profile", "p"], KEY), ([], None)):
            assert refused(run(*arguments, more=more)) == f"files-tui: cannot read {config}: line 4: {broken}\n"

        config.write_text("tehme = 'nord'\n[profiles.p]\nauth = 'basic'\n[keys]\ncopy = 3")
        unknown = "files-tui: config.toml line 1: unknown setting 'tehme' (theme?), ignored\n"
        auth = "files-tui: config.toml line 3: profile 'p': auth must be 'bearer' or 'api-key'"
        said = refused(run("--profile", "p", more=KEY)).splitlines(keepends=True)
        assert (said[0], said[1:].count(f"{auth}\n"), len(said)) == (unknown, 1, 3)
        assert f"{auth}; the profile cannot be used\n" in refused(run(more=KEY))


def test_without_a_terminal(run: Run) -> None:
    for arguments in ([], ["--page-size", "7", "--no-mouse", "--no-cache", "--purpose", "batch"]):
        assert refused(run(*arguments, more=KEY)) == NO_TERMINAL


def test_a_demo_without_a_terminal_leaves_no_server(run: Run, tmp_path: Path) -> None:
    folder = str(tmp_path / "files")
    assert refused(run("--demo-dir", folder)) == NO_TERMINAL
    commands = []
    for process in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            commands.append(process.read_bytes().decode(errors="replace"))
    assert not any(folder in command for command in commands)


def test_a_demo_without_its_packages(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr("files_tui.demo.launch.PACKAGES", {"starlette": "no_such_module", "uvicorn": "uvicorn"})
    assert main(["--demo"]) == 2
    assert capsys.readouterr().err == "files-tui: --demo needs starlette: pip install 'files-tui[demo]'\n"


def test_a_log_file_that_cannot_be_written(run: Run, tmp_path: Path) -> None:
    """It is opened last, so that only a terminal gets there."""
    ours, theirs = pty.openpty()
    try:
        done = run("--log-file", str(tmp_path), more={**KEY, "TERM": "xterm"}, terminal=theirs)
        said = os.read(ours, 4096).decode()
    finally:
        os.close(theirs)
        os.close(ours)
    assert done.returncode == 2
    assert said == f"files-tui: cannot write {tmp_path}: Is a directory\r\n"


def test_a_log_holds_a_line_for_each_request(tmp_path: Path) -> None:
    path = tmp_path / "log"
    path.write_text("kept\n")
    path.chmod(0o640)
    files, other, marked = Safe("/files"), Safe("/x"), Safe("req_1")
    exchange = Exchange(at=0.0, method="GET", path=files, status=200, duration=0.25, request_id=marked, retries=0)
    lost = Exchange(
        at=0.0, method="POST", path=other, status=None, duration=1, request_id=None, retries=2, error=Safe("a\nb\x1b")
    )
    with RequestLog(path) as log:
        log.write(exchange)
        assert path.read_text().count("\n") == 2
        log.write(lost)
    log.write(exchange)

    first, second, third = path.read_text().splitlines()
    assert first == "kept"
    assert second.endswith(" GET /files 200 0.250s req_1 retries=0")
    assert third.endswith(" POST /x - 1.000s - retries=2 error=a␊b␛")


def test_a_new_log_is_its_owners(tmp_path: Path) -> None:
    old = os.umask(0)
    with contextlib.ExitStack() as stack:
        stack.callback(os.umask, old)
        stack.enter_context(RequestLog(tmp_path / "log"))
    assert (tmp_path / "log").stat().st_mode & 0o777 == 0o600
    with pytest.raises(SettingsError, match="cannot write"):
        RequestLog(tmp_path / "missing" / "log")


@pytest.fixture
def taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Settings]:
    """The settings of each browser that would have been run: all but the screen itself."""
    monkeypatch.setenv("OPENAI_API_KEY", "sk-hidden")
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    monkeypatch.setattr(sys.stdin, "isatty", lambda: True, raising=False)
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    taken: list[Settings] = []

    def run(chosen: Settings, *_: object) -> FilesApp:
        taken.append(chosen)
        return FilesApp(chosen, lambda: chosen.account)

    monkeypatch.setattr(browse, "_run", run)
    return taken


def test_the_flags_win_over_the_file(taken: list[Settings], tmp_path: Path) -> None:
    config = config_file()
    config.parent.mkdir(parents=True)
    words = f"theme = 'nord'\nmouse = false\npage_size = 9\ndownload_dir = '{tmp_path}'\nanimation = 'none'\n"
    config.write_text(words + "confirm = 'ask'\ncolumns = ['size']")
    assert main([]) == main(["--mouse", "--page-size", "7", "--download-dir", "/"]) == 0

    said, told = taken
    assert (said.mouse, said.page_size, said.download_dir) == (False, 9, tmp_path)
    assert (told.mouse, told.page_size, told.download_dir) == (True, 7, Path("/"))
    assert (said.theme, said.animation, said.confirm, said.columns) == ("nord", "none", "ask", ("size", "name"))


def test_what_the_flags_become(taken: list[Settings], tmp_path: Path) -> None:
    flags = ["--no-mouse", "--purpose", "batch", "--page-size", "7", "--download-dir", "~", "--log-file", "~/log"]
    assert main([*flags, "--base-url", "http://x/v1/", "--upload", "~/a", "b"]) == 0

    (chosen,) = taken
    assert chosen.purpose == "batch"
    assert (chosen.mouse, chosen.page_size, chosen.read_only) == (False, 7, False)
    assert chosen.download_dir == tmp_path
    assert chosen.upload == (tmp_path / "a", Path("b"))
    assert chosen.account.base_url == "http://x/v1"
    assert (tmp_path / "log").exists()


def test_a_log_that_cannot_be_written_fails_no_request_and_is_told_of_at_the_end(
    capsys: pytest.CaptureFixture[str],
) -> None:
    exchange = Exchange(at=0, method="POST", path=Safe("/files"), status=200, duration=0.1, request_id=None, retries=0)
    with RequestLog(Path("/dev/full")) as log:
        log.write(exchange)
        log.write(exchange)
    assert "the log file is not complete: No space left on device" in capsys.readouterr().err


@pytest.mark.parametrize("flag", ["--download-dir", "--log-file"])
def test_a_home_of_nobody_is_a_clear_error(flag: str, run: Run) -> None:
    assert refused(run(flag, "~nosuchuser/x", more=KEY)).count("\n") == 1


def test_arguments_that_are_names_of_files_are_told_safely(run: Run) -> None:
    done = run("--upload", "x", "--\x1b]0;pwned\x07")
    assert done.returncode == 2
    assert "\x1b" not in done.stderr
    assert "␛]0;pwned␇" in done.stderr


def test_a_pipe_that_nobody_reads_is_no_log_file(run: Run, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match="cannot write"):
        RequestLog(tmp_path / "pipe")


def test_a_choice_that_cannot_be_written_is_no_success(monkeypatch: pytest.MonkeyPatch) -> None:
    with open("/dev/full", "w") as full, contextlib.suppress(OSError):
        monkeypatch.setattr(sys, "stdout", full)
        with pytest.raises(OutputFailed, match="No space left"):
            browse.put(["file-a"], 0)
        browse.put(["file-a"], 129)  # the signal says more
        monkeypatch.undo()
