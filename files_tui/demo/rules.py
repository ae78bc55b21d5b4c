"""What the Files API accepts: purposes, limits, file types, expiry and the form of JSON lines."""

import json
from pathlib import Path
from typing import Any

from files_tui.demo.errors import ApiError, bad_request

INPUT_PURPOSES = ("fine-tune", "assistants", "batch", "user_data", "vision", "evals")
"""Purposes that can be uploaded (API reference, Upload file)."""

HIDDEN_PURPOSES = frozenset({"assistants", "user_data", "evals"})
"""Purposes whose content is not handed out (API reference, Retrieve file content)."""

MIB = 1024 * 1024
MAX_FILE = 512 * MIB
MAX_BATCH_FILE = 200 * MIB
MAX_PART = 64 * MIB
MAX_LARGE_UPLOAD = 8 * 1024 * MIB
UPLOAD_LIFETIME = 3600
BATCH_LIFETIME = 30 * 24 * 3600
MIN_EXPIRY = 3600
MAX_EXPIRY = 30 * 24 * 3600

ASSISTANTS_EXTENSIONS = (
    *("c", "cpp", "css", "csv", "docx", "gif", "go", "html", "java", "jpeg", "jpg", "js", "json", "md", "pdf"),
    *("php", "pkl", "png", "pptx", "py", "rb", "tar", "tex", "ts", "txt", "webp", "xlsx", "xml", "zip"),
)
JSONL_PURPOSES = {"fine-tune": "Fine-tuning", "batch": "Batch", "evals": "Evals"}
FINE_TUNE_KEYS = ({"messages"}, {"prompt"}, {"input", "preferred_output", "non_preferred_output"})
CHECKED_LINES = 100
CHECKED_LINE_BYTES = MIB


def check_purpose(purpose: str | None) -> str:
    """The purpose, if it can be uploaded; `ApiError` if not."""
    if purpose is None:
        raise bad_request("'purpose' is a required property")
    if purpose not in INPUT_PURPOSES:
        raise bad_request(f"'{purpose}' is not one of {list(INPUT_PURPOSES)} - 'purpose'")
    return purpose


def check_name(purpose: str, filename: str) -> None:
    """`ApiError` if files of this purpose may not have this extension."""
    extension = filename.rpartition(".")[2].lower() if "." in filename else ""
    if purpose in JSONL_PURPOSES and extension != "jsonl":
        raise bad_request(f"Invalid file format for {JSONL_PURPOSES[purpose]} API. Must be .jsonl")
    if purpose == "assistants" and extension not in ASSISTANTS_EXTENSIONS:
        formats = ",".join(f'"{name}"' for name in ASSISTANTS_EXTENSIONS)
        raise bad_request(f"Invalid extension {extension}. Supported formats: {formats}")


def check_size(purpose: str, size: int, limit: int = MAX_FILE) -> None:
    """`ApiError` if a file of this many bytes is empty or too large."""
    if size == 0:
        raise bad_request("File is empty.")
    if size > (min(limit, MAX_BATCH_FILE) if purpose == "batch" else limit):
        raise too_large()


def too_large() -> ApiError:
    """The refusal of a file over the limit."""
    return bad_request("File is too large.")


def check_expiry(anchor: object, seconds: object) -> int | None:
    """The lifetime in seconds, None if neither is given; `ApiError` if they do not fit together.

    Both come together, and the seconds lie between an hour and 30 days (API reference, Upload file).
    """
    if anchor is None and seconds is None:
        return None
    for name, value in (("anchor", anchor), ("seconds", seconds)):
        if value is None:
            raise bad_request(f"'{name}' is a required property - 'expires_after'")
    if anchor != "created_at":
        raise bad_request(f"'{anchor}' is not one of ['created_at'] - 'expires_after.anchor'")
    try:
        count = int(str(seconds))
    except ValueError:
        raise bad_request(f"'{seconds}' is not of type 'integer' - 'expires_after.seconds'") from None
    if count < MIN_EXPIRY:
        raise bad_request(f"{count} is less than the minimum of {MIN_EXPIRY} - 'expires_after.seconds'")
    if count > MAX_EXPIRY:
        raise bad_request(f"{count} is greater than the maximum of {MAX_EXPIRY} - 'expires_after.seconds'")
    return count


def lifetime(purpose: str, seconds: int | None) -> int | None:
    """Seconds a file lives: batch input 30 days unless said otherwise, all else for ever."""
    return BATCH_LIFETIME if seconds is None and purpose == "batch" else seconds


def check_content(purpose: str, path: Path) -> str:
    """Reads the first lines of a JSONL file: `ApiError` if they are not dictionaries.

    Returns why the processing of the file will fail, or an empty text: a fine-tuning file of dictionaries
    that are no training examples is taken, and found out later.
    """
    problem = ""
    if purpose not in JSONL_PURPOSES:
        return problem
    with path.open("rb") as file:
        for number in range(1, CHECKED_LINES + 1):
            line = file.readline(CHECKED_LINE_BYTES)
            if not line or len(line) == CHECKED_LINE_BYTES:
                break
            if not line.strip():
                continue
            entry = _dictionary(line, number)
            if purpose == "fine-tune" and not problem and not is_example(entry):
                problem = missing_messages(number)
    return problem


def is_example(entry: dict[str, Any]) -> bool:
    """Whether a line of a fine-tuning file can be trained on."""
    return any(keys <= entry.keys() for keys in FINE_TUNE_KEYS)


def missing_messages(number: int) -> str:
    """What the status details say of a line that is no training example."""
    return f'Invalid file format. Line {number}, key "messages": the example needs a list of messages.'


def _dictionary(line: bytes, number: int) -> dict[str, Any]:
    text = line.decode("utf-8", "replace")
    try:
        entry = json.loads(text)
    except (ValueError, RecursionError):
        entry = None
    if not isinstance(entry, dict):
        start = "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text.strip("\r\n")[:10])
        raise bad_request(
            "Expected file to have JSONL format, where every line is a JSON dictionary. "
            f'Line {number} is not a dictionary (HINT: line starts with: "{start}...").'
        )
    return entry
