"""What a purpose wants of a file before its content is looked at: its name and its size."""

from __future__ import annotations

import difflib

from files_tui.api.models import LARGEST_IN_PARTS, LARGEST_UPLOAD, PURPOSES, UPLOAD_PURPOSES
from files_tui.preflight import batch
from files_tui.preflight.findings import Findings
from files_tui.preflight.report import Severity
from files_tui.text import safe, size

JSONL = ("fine-tune", "batch", "evals")
"""Purposes that want JSON lines (API reference, "Upload")."""

DOCUMENTS = (
    *("c", "cpp", "css", "csv", "docx", "gif", "go", "html", "java", "jpeg", "jpg", "js", "json", "md", "pdf"),
    *("php", "pkl", "png", "pptx", "py", "rb", "tar", "tex", "ts", "txt", "webp", "xlsx", "xml", "zip"),
)
"""Extensions that `assistants` takes (API reference, "Upload")."""

_BINARY = frozenset(("docx", "gif", "jpeg", "jpg", "pdf", "pkl", "png", "pptx", "tar", "webp", "xlsx", "zip"))

MANY_TOKENS = 8_000_000
"""Bytes of plain text that may well be more than the two million tokens that `assistants` takes."""

_SPLIT = "split the file"


def extension_of(name: str) -> str:
    """The extension in small letters, without its dot; empty where there is none."""
    return name.rpartition(".")[2].lower() if "." in name else ""


def look_at_purpose(findings: Findings, purpose: str) -> None:
    """Whether files can be uploaded with this purpose at all."""
    if not purpose:
        findings.add(Severity.ERROR, "there is no purpose", f"take one of {', '.join(UPLOAD_PURPOSES)}")
    elif purpose in UPLOAD_PURPOSES:
        return
    elif purpose in PURPOSES:
        message = f"{purpose} is a purpose of files that the server makes"
        findings.add(Severity.ERROR, message, f"take one of {', '.join(UPLOAD_PURPOSES)}")
    else:
        near = difflib.get_close_matches(purpose.lower().replace("_", "-"), UPLOAD_PURPOSES, n=1, cutoff=0.75)
        severity = Severity.WARNING if near else Severity.NOTE
        message = f"{safe(purpose, 40)} is none of OpenAI's purposes, so that only the file itself was looked at"
        how = f"did you mean {near[0]}?" if near else "see what your server says about it"
        findings.add(severity, message, how)


def look_at_name(findings: Findings, purpose: str, extension: str) -> None:
    """Whether the extension is one that the purpose takes."""
    what = f"the extension .{safe(extension, 20)}" if extension else "a name without extension"
    if purpose in JSONL and extension != "jsonl":
        findings.add(Severity.ERROR, f"{what} is refused for {purpose}", "name it .jsonl, a JSON object on each line")
    elif purpose == "assistants" and extension not in DOCUMENTS:
        message = f"{what} is refused for assistants, which takes {', '.join(DOCUMENTS)}"
        findings.add(Severity.ERROR, message, "turn it into one of these, or take user_data")


def look_at_size(findings: Findings, purpose: str, extension: str, length: int) -> None:
    """Whether a file of so many bytes is empty or too large."""
    if not length:
        findings.add(Severity.ERROR, "the file is empty, and files of 0 bytes are refused", "write something into it")
    elif purpose == "batch" and length > batch.LARGEST:
        findings.add(Severity.ERROR, f"{size(length)} are too large for a batch, which takes 200 MB", _SPLIT)
    elif length > LARGEST_IN_PARTS:
        findings.add(Severity.ERROR, f"{size(length)} are too large: an upload holds at most 8 GiB", _SPLIT)
    elif length > LARGEST_UPLOAD:
        message = f"{size(length)} are more than one request holds (512 MB), so that it goes in parts"
        findings.add(Severity.NOTE, message, "a server without uploads in parts refuses it: split the file")
    elif purpose == "batch" and length > 200_000_000:
        message = f"{size(length)}: the limit is 200 MB, and whether those are of 1,000,000 bytes is not documented"
        findings.add(Severity.WARNING, message, _SPLIT)
    if purpose == "assistants" and extension not in _BINARY and length > MANY_TOKENS:
        message = f"{size(length)} of text may be more than the 2 million tokens that assistants takes"
        findings.add(Severity.WARNING, message, _SPLIT)
