"""Text that others chose cannot be drawn by mistake: mypy refuses it."""

import subprocess
import sys
from pathlib import Path

DOORS = """
import os
from pathlib import Path
from files_tui.api.models import File
from files_tui.text import name_of, path_of, safe

def draw(words: str) -> None: ...

def drawn(file: File, path: Path, where: Path | None) -> None:
    draw(safe(file.filename))
    draw(f"{file.id} {file.purpose}")
    draw(str(file.filename))
    draw(safe(name_of(path)))
    draw(f"{path_of(path)}")

def forgotten(file: File, path: Path, where: Path | None) -> None:
    draw(file.id)
    draw(file.filename)
    draw(file.purpose)
    draw(file.filename or "")
    draw(file.status or "")
    draw("".join([file.filename]))
    draw(file.filename + "")
    draw(path.name)
    draw(path.stem)
    draw(str(path))
    draw(f"{path}")
    draw(f"{where}")
    draw(path.parts[-1])
    draw(path.as_posix())
    draw(os.fspath(path))
"""


def test_mypy_refuses_a_forgotten_door(tmp_path: Path) -> None:
    folder = tmp_path / "files_tui" / "ui"
    folder.mkdir(parents=True)
    (folder / "doors.py").write_text(DOORS)
    lines = DOORS.split("\n")
    wrong = set(range(lines.index(next(line for line in lines if "forgotten" in line)) + 2, len(lines)))
    repository = Path(__file__).parent.parent
    options = ["--config-file", str(repository / "pyproject.toml"), "--cache-dir", str(tmp_path / "cache")]
    done = subprocess.run(
        [sys.executable, "-m", "mypy", *options, "--no-error-summary", str(folder / "doors.py")],
        cwd=repository,
        capture_output=True,
        text=True,
        check=False,
    )
    refused = {int(line.split(":")[1]) for line in done.stdout.splitlines() if ": error:" in line}
    assert done.stderr == ""
    assert refused == wrong, done.stdout
