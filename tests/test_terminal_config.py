"""A configuration file in a real terminal: what it says is so from the first picture on, and nothing of it is fatal."""

from pathlib import Path

from tests.terminal import assert_left_usable, assert_no_secret, browsing, environment

CONFIG = """
theme = "nord"
tehme = "nord"
columns = ["size", "status"]
mouse = true
page_size = 7

[keys]
copy.id = "Y"
list.search = "c"
list.sort = "x"

[profiles.work]
base_url = "{}"
api_key_command = "printf 'Key, please: ' > /dev/tty; read key < /dev/tty; echo $key"
"""
NORD = b"48;2;46;52;64"


def test_what_the_file_says_is_so(tmp_path: Path, samples: str, hundred: str) -> None:
    config = Path(environment(tmp_path)["XDG_CONFIG_HOME"]) / "files-tui" / "config.toml"
    config.parent.mkdir(parents=True)
    config.write_text(CONFIG.format(hundred))
    with browsing(tmp_path, OPENAI_BASE_URL=samples, COLORTERM="truecolor") as terminal:
        terminal.wait_for(  # first, since they go after some seconds
            "config.toml line 3: unknown setting 'tehme' (theme?), ignored",
            "config.toml line 11: list.sort: x is file.delete there,",
        )
        screen = terminal.wait_for("259 files", "synced", "1–7 of 259", "      Size  Status    Name", "Y copy id")
        assert "Purpose" not in screen
        assert NORD in terminal.raw
        terminal.keys("Y")
        terminal.wait_raw(b"\x1b]52;c;")
        terminal.keys("c")
        terminal.send("handbook\r")
        terminal.wait_for("1 of 259")

        terminal.keys("P")
        terminal.wait_for("environment", "work", "in use")
        terminal.keys("2")
        terminal.wait_for("files-tui: asking for the key of profile 'work'…", "Key, please:")
        terminal.resize(90, 30)
        terminal.send("sk-typed\r")
        terminal.wait_for("work", "100 files", "synced", "1–7 of 100")
        terminal.wait_gone("Key, please:")
        terminal.keys("q")
        assert terminal.wait_exit() == 0
        assert_no_secret(terminal)
        assert_left_usable(terminal)
