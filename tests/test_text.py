"""Untrusted text is made safe, and numbers are made readable."""

import random
import time
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from rich.cells import cell_len

from files_tui import text
from files_tui.text import file_name, one_line, safe, sign

HOSTILE = {
    "markup": "[bold red]x[/] [@click=app.quit]y[/] [link=http://x]z",
    "ansi": "\x1b[31mred\x1b[0m\x1b[2J\x1b[H",
    "osc 8": "\x1b]8;;http://x\x1b\\click\x1b]8;;\x1b\\",
    "osc 52": "\x1b]52;c;ZXZpbA==\x07",
    "c1": "a\x9b31mb\x85c\x90d",
    "del and nul": "a\x7fb\x00c",
    "bidi": "photo\u202egnp.exe\u2066x\u2069\u200f",
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufefff\u00adg",
    "combining flood": "e" + "\u0301\u0316" * 300,
    "class 0 flood": "\u0915" + "\u0900\u093f" * 300,
    "marks alone": "\u0301\u0316 \u0301x",
    "hebrew and thaana": "\u05e9\u05bc\u05b0 \u07a6\u07a7",
    "wide": "会議メモ\uff41 훈련",
    "emoji": "👩‍👩‍👧‍👦 🇩🇪🇫🇷 👍🏽 ❤️ ❤︎ 1️⃣ 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "lines": "a\nb\r\nc\td\x0be\u2028f\u2029g",
    "lone surrogates": "a\ud800b\udfff",
    "korean fillers": "\u115f\u1160\u3164\uffa0",
    "korean flood": "\u1112" + "\u1161" * 50,
    "loose korean": "\u1161\u11a8",
    "spaces": "a\u00a0b\u3000c\u2009d",
    "variations": "a\ufe0f\u0301 \u1100\ufe0f\u1161 \u200d\u0323",
    "private and unassigned": "\ue000\U000f0000\ufffe\U000e0001\u0378",
    "long": "é" * 10_000,
}

GIVEN = pytest.mark.parametrize("given", HOSTILE.values(), ids=HOSTILE)


def assert_safe(given: str) -> None:
    shown = safe(given)
    categories = {unicodedata.category(char) for char in shown}
    assert categories.isdisjoint({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}), ascii(given)
    assert safe(shown) == shown, ascii(given)
    assert cell_len(shown) == sum(map(cell_len, shown)), ascii(given)
    assert_carried(shown)


def assert_carried(shown: str) -> None:
    """Nothing of no width but at most three marks behind each character that has one."""
    run = 3
    for char in shown:
        run = run + 1 if cell_len(char) == 0 else 0
        assert run <= 3, ascii(shown)


@GIVEN
def test_hostile_text_becomes_safe(given: str) -> None:
    assert_safe(given)


@GIVEN
def test_hostile_text_stays_safe_when_cut(given: str) -> None:
    for limit in (1, 2, 3, 10, 100):
        assert_safe(safe(given, limit))


@GIVEN
def test_a_terminal_measures_it_alike(given: str) -> None:
    wcwidth = pytest.importorskip("wcwidth")
    # Terminals differ about spacing vowel signs, which no rendering of Hindi can do without.
    shown = "".join(char for char in safe(given) if unicodedata.category(char) != "Mc")
    assert wcwidth.wcswidth(shown) == cell_len(shown)


def test_every_character_becomes_safe() -> None:
    for code in (*range(0x3100), *range(0x3100, 0x110000, 13), *range(0xE0000, 0xE0200)):
        assert_safe(chr(code))
        assert_safe(f"a{chr(code)}b")


def test_mixed_characters_become_safe() -> None:
    dice = random.Random(7)
    pool = "".join(given[:40] for given in HOSTILE.values()) + "\u0b47\u0b56\u09c7\u09be\u1109\u110ba\u0e33"
    for _ in range(5_000):
        assert_safe("".join(dice.choices(pool, k=6)))


def test_plain_text_passes() -> None:
    ascii_text = "".join(map(chr, range(0x20, 0x7F)))
    for passes in (ascii_text, "naïve café.jsonl", "会議.csv", "훈련-데이터.jsonl", "हिन्दी", "ไทยน้ำ", "שלום", "🙂 ok"):
        assert safe(passes) == passes


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("\x1b[1m", "␛[1m"),
        ("a\nb\x7f", "a␊b␡"),
        ("x\u202ey", "x\\u202ey"),
        ("\U000e0041", "\\U000e0041"),
        ("\ud800", "\ufffd"),
        ("e\u0301", "é"),
        ("\u0301x", "\\u0301x"),
        ("a\u00a0b", "a b"),
        ("👍🏽", "👍"),
        ("🇩🇪", "\\U0001f1e9\\U0001f1ea"),
        ("e\ufe0f\u0301", "é"),
        ("a \u0301", "a \\u0301"),
    ],
)
def test_what_cannot_be_shown_is_named(given: str, shown: str) -> None:
    assert safe(given) == shown


def test_a_flood_of_marks_takes_no_time() -> None:
    """Normalizing such a run as a whole would take minutes."""
    shown = safe("a" + "\u0301\u0316" * 150_000)
    assert shown.startswith("á\u0316\u0301\\u0316\\u0301")


def test_a_limit_keeps_both_ends() -> None:
    name = "training-" + "x" * 500 + "-final.jsonl"
    shown = safe(name, 40)
    assert len(shown) == 40
    assert shown.startswith("training-xxx")
    assert shown.endswith("-final.jsonl")
    assert "…" in shown
    assert safe("short", 5) == "short"
    assert safe("long", 1) == "…"


def test_one_line() -> None:
    assert one_line("  a\r\n\t b \u2028 c ") == "a b c"
    assert one_line("\x1b[31mno") == "␛[31mno"
    assert one_line("") == ""
    cut = one_line("word " * 100_000, 50)
    assert len(cut) == 50
    assert cut.endswith("…")


def test_a_sign_for_each_character() -> None:
    for code in (*range(0x3100), *range(0xD7FF, 0xE002), *range(0xFE00, 0x10000), *range(0x1F1E0, 0x1F400)):
        shown = sign(chr(code))
        assert len(shown) == 1
        assert cell_len(shown) > 0
        assert_safe(shown)
        assert safe(shown) == shown
    assert "".join(map(sign, "a\x1b\u202eé会\u0301")) == "a␛�é会�"


def names() -> Iterator[str]:
    yield from HOSTILE.values()
    yield from ("", ".", "..", "...", "/", "\\", "a/", "../../etc/passwd", "..\\..\\a", "C:\\x\\y.txt", "a/..", "/..")
    yield from (".bashrc", "-rf", "~", "$HOME", "con", "CON.txt", "nul.tar.gz", "com1", "a:b", 'a"<>|?*b', "_", "._")
    yield from ("a. . .", " a ", "a.txt.", "\u00a0", "x" * 5_000, "x" * 5_000 + ".jsonl", "会" * 5_000 + ".csv")
    yield from (
        "😀" * 100,
        "x." + "y" * 500,
        "." * 300,
        "a" * 199 + " " * 30 + "b" * 50,
        "a" * 195 + " ." * 40 + "x.txt",
    )
    dice = random.Random(3)
    for _ in range(2_000):
        yield "".join(dice.choices("./\\ :a\x00\u202eé会\ud800~", k=dice.randint(1, 12)))


def test_a_saved_name_is_plain_and_can_be_made(tmp_path: Path) -> None:
    for given in names():
        name = file_name(given)
        assert name not in ("", ".", "..")
        assert not {"/", "\\", "\0"} & set(name)
        assert len(name.encode()) <= 200, ascii(given)
        assert not name.startswith((".", " ")), ascii(given)
        assert not name.endswith((".", " ")), ascii(given)
        assert name.isprintable(), ascii(given)
        assert file_name(name) == name, ascii(given)
        path = tmp_path / name
        path.touch()
        assert path.parent == tmp_path
        path.unlink()


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("report.jsonl", "report.jsonl"),
        ("会議 メモ.csv", "会議 メモ.csv"),
        ("../../etc/passwd", "passwd"),
        ("C:\\x\\y.txt", "y.txt"),
        ("", "download"),
        ("..", "download"),
        (".bashrc", "_.bashrc"),
        ("con.txt", "_con.txt"),
        ("COM¹ .tar.gz", "_COM¹ .tar.gz"),
        ("CONOUT$", "_CONOUT$"),
        ("a:b?.txt", "a_b_.txt"),
        ("a\x1b\u202eb", "a__b"),
        ("name.txt. . ", "name.txt"),
        ("x" * 300 + ".jsonl", "x" * 194 + ".jsonl"),
        ("会" * 100 + ".csv", "会" * 65 + ".csv"),
    ],
)
def test_a_saved_name(given: str, name: str) -> None:
    assert file_name(given) == name


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: text.size(None), "–"),
        (lambda: text.size(0), "0 B"),
        (lambda: text.size(999), "999 B"),
        (lambda: text.size(1000), "1.0 kB"),
        (lambda: text.size(12_400_000), "12.4 MB"),
        (lambda: text.size(2**63 - 1), "9.2 EB"),
        (lambda: text.count(1_284), "1,284"),
        (lambda: text.plural(1, "file"), "1 file"),
        (lambda: text.plural(0, "file"), "0 files"),
        (lambda: text.plural(1_284, "file"), "1,284 files"),
        (lambda: text.span(0), "0 s"),
        (lambda: text.span(59.9), "59 s"),
        (lambda: text.span(60), "1 min"),
        (lambda: text.span(3_600 * 47), "47 h"),
        (lambda: text.span(86_400 * 2), "2 d"),
        (lambda: text.span(86_400 * 30), "1 mo"),
        (lambda: text.span(86_400 * 365), "1 y"),
        (lambda: text.age(None), "–"),
        (lambda: text.age(1_000, now=1_059), "just now"),
        (lambda: text.age(9_000, now=1_000), "just now"),
        (lambda: text.age(1_000, now=8_200), "2 h ago"),
        (lambda: text.age(0, now=0.0), "just now"),
        (lambda: text.expiry(None), "never"),
        (lambda: text.expiry(1_000, now=1_000), "expired"),
        (lambda: text.expiry(1_000 + 27 * 86_400, now=1_000), "in 27 d"),
        (lambda: text.expiry(1_001, now=1_000), "in 1 s"),
        (lambda: text.moment(None), "–"),
        (lambda: text.moment(2**63 - 1), "–"),
        (lambda: text.moment(float("nan")), "–"),
        (lambda: text.moment(float("-inf")), "–"),
        (lambda: text.clock(None), "--:--"),
        (lambda: text.clock(0), "0:00"),
        (lambda: text.clock(59.9), "0:59"),
        (lambda: text.clock(3_723), "1:02:03"),
    ],
)
def test_quantities(call: Callable[[], str], words: str) -> None:
    assert call() == words


def test_absurd_quantities_are_still_words() -> None:
    for at in (-(2**62), 0, 2**63 - 1):
        assert text.age(at).endswith(("ago", "just now"))
        assert text.expiry(at).startswith(("in ", "expired"))
        assert text.moment(at)
    assert text.clock(2**63)


def test_a_moment_is_local_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    try:
        assert text.moment(1_700_000_000) == "2023-11-14 22:13:20"
    finally:
        monkeypatch.undo()
        time.tzset()
