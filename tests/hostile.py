"""Texts that are meant to harm whoever shows, copies or saves them, by name, and what no screen may ever hold."""

from __future__ import annotations

import unicodedata

from rich.cells import cell_len
from wcwidth import wcswidth

MARKUP = {
    "closing": "[/x] of nothing",
    "closing any": "a[/]b",
    "half a tag": "a[/",
    "click": "[@click=app.quit]press[/]",
    "click unclosed": "[@click='app.quit']",
    "link": "[link=file:///etc/passwd]y[/link]",
    "style": "[bold red]b[/bold red] [b]c",
    "attribute": "x[a=b]y",
    "json like": '{"a": [true, false]}',
    "emoji code": ":smile: :warning:",
    "escaped bracket": "\\[/x] \\",
    "braces": "{0} {name!r} %s %(x)d ${HOME} $(id) `id`",
    "markdown": "[y](http://x) **b** <b>c</b> &amp;",
}

ESCAPES = {
    "csi colour": "\x1b[31mred\x1b[0m",
    "csi clear": "e\x1b[2Jf\x1b[H",
    "csi report": "e\x1b[6n\x1b[c",
    "csi mode": "e\x1b[?1049l\x1b[?25l\x1b[?1h",
    "osc 0": "t\x1b]0;PWNED\x07u",
    "osc 2": "t\x1b]2;PWNED\x1b\\u",
    "osc 8": "\x1b]8;;file:///etc/passwd\x1b\\click\x1b]8;;\x1b\\",
    "osc 52": "c\x1b]52;c;UFdORUQ=\x07d",
    "dcs": "o\x1bPtmux;\x1b\x1b]52;c;UFdORUQ=\x07\x1b\\p",
    "apc": "k\x1b_Ga=T;UFdORUQ=\x1b\\g",
    "c1 csi": "k\x9b2Jl\x9b31m",
    "c1 osc": "k\x9d52;c;UFdORUQ=\x9c",
    "c1 dcs": "k\x90q\x9c\x85\x8d",
    "esc at the end": "half\x1b",
}

CONTROLS = {
    "line feed": "h\ni",
    "lines": "a\nb\r\nc\rd\x0be\x0cf\x85g\u2028h\u2029i",
    "tab": "a\tb\t\tc",
    "nul": "a\0b",
    "del": "a\x7fb",
    "bell and backspace": "a\x07b\x08\x08c\x0e\x0f",
    "all of c0": "".join(map(chr, range(0x20))),
    "all of c1": "".join(map(chr, range(0x7F, 0xA0))),
}

INVISIBLE = {
    "bidi override": "photo\u202egnp.exe",
    "bidi all": "\u202aa\u202bb\u202cc\u202dd\u202ee\u2066f\u2067g\u2068h\u2069i\u200ej\u200fk\u061cl",
    "zero width": "a\u200bb\u200cc\u200dd\ufeffe\u2060f",
    "soft hyphen": "a\u00adb",
    "tags": "x\U000e0001\U000e0041\U000e007fy",
    "variation selectors": "a\ufe0fb\ufe0ec\ufe00d\U000e0100e\u180bf",
    "fillers": "\u115f\u1160\u3164\uffa0\u2800",
    "private use": "\ue000\U000f0000\U0010fffd",
    "unassigned": "\ufffe\uffff\u0378\U0001fffe",
    "lone surrogates": "a\ud800b\udfffc",
    "interlinear": "a\ufff9b\ufffac\ufffbd",
    "spaces": "a\u00a0b\u3000c\u2009d\u1680e",
    "white space alone": " \t \u3000\n ",
    "blanks": "   ",
    "empty": "",
}

WIDE = {
    "cjk": "会議メモ 훈련 데이터.jsonl",
    "full width": "ＡＢＣ\uff41\u3000ﾊﾝｶｸ",
    "half of it": "a会b会c会d会e会f会g会h",
    "combining": "Z" + "\u0301\u0316\u0338\u20dd" * 25 + "y",
    "marks alone": "\u0301\u0316 \u0301x",
    "zwj family": "👩‍👩‍👧‍👦 and 🏳️‍🌈",
    "flags": "🇩🇪🇫🇷🇯🇵🇺",
    "flag of tags": "🏴\U000e0067\U000e0062\U000e0065\U000e006e\U000e0067\U000e007f",
    "skin tones": "👍🏽👋🏿🏻",
    "keycaps": "1️⃣#️⃣ ❤️ ❤︎ ©️",
    "emoji": "🚀😀🫠",
    "korean jamo": "\u1112\u1161\u11ab \u1161\u11a8 " + "\u1112" + "\u1161" * 50,
    "right to left": "שלום.txt مرحبا \u05e9\u05bc\u05b0",
    "digraph": "ǆ ﷽ \U0001242b ⸻",
}

LONG = {
    "long": "m" * 10_000 + "n",
    "long wide": "会" * 5_000 + ".csv",
    "long path": "../" * 1_000 + "etc/passwd",
    "long escapes": "\x1b[2J" * 2_500,
}

SPACING = {"spacing marks": "हिन्दी ไทยน้ำ தமிழ்", "spacing flood": "\u0915" + "\u0900\u093f" * 300}
"""Terminals differ about spacing vowel signs and joined consonants, which no rendering of Hindi can do without."""

HOSTILE: dict[str, str] = {**MARKUP, **ESCAPES, **CONTROLS, **INVISIBLE, **WIDE, **LONG, **SPACING}

VIRAMA = 9
"""The combining class of what joins two consonants."""

TELLING = (
    *(
        "closing",
        "click",
        "emoji code",
        "osc 52",
        "c1 csi",
        "lines",
        "nul",
    ),
    *("bidi override", "zero width", "tags", "white space alone", "empty", "cjk", "combining", "zwj family", "long"),
)
"""One of each kind, for where each text takes a screen of its own."""

_FORBIDDEN = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


def sendable(text: str) -> str:
    """A text as JSON in UTF-8 brings it."""
    return text.encode("utf-8", "replace").decode()


def for_header(text: str) -> str:
    """A text as far as a header of HTTP can bring it: no NUL and no line ends, and each byte a letter of Latin-1."""
    kept = "".join(char for char in text if char not in "\0\r\n\x0b\x0c")
    return kept.encode("utf-8", "replace").decode("latin-1").strip()[:2000]


def local_name(text: str) -> str:
    """A text as a name that a file of this machine can have: no slash, no NUL, and at most 240 bytes."""
    name = sendable(text).replace("/", "⧸").replace("\0", "") or "_"
    name = name.encode()[:240].decode(errors="ignore")
    return name if name.strip(".") else f"_{name}"


def unprintable(shown: str) -> list[str]:
    """Those characters of a painted text that a terminal would act on, or draw as nothing at all."""
    return [ascii(char) for char in shown if unicodedata.category(char) in _FORBIDDEN]


def width(shown: str) -> int:
    """How many cells a terminal takes for a text, -1 where it holds a control character."""
    unsure = [char for char in shown if unicodedata.category(char) == "Mc" or unicodedata.combining(char) == VIRAMA]
    plain = wcswidth("".join(char for char in shown if char not in unsure) if unsure else shown)
    return plain if plain < 0 else plain + sum(map(cell_len, unsure))
