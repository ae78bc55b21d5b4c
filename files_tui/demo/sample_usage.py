"""Batches, fine-tuning jobs and vector stores that use the sample files, as their names and times suggest."""

import re
from collections.abc import Iterator, Sequence
from random import Random
from typing import Any

from files_tui.demo.store import ALPHABET, Store, StoredFile
from files_tui.demo.usage import BATCH, JOB, STORE, Usage

SEED = 21
MINUTE, HOUR, DAY = 60, 3600, 86400
MODEL = "gpt-4.1-mini-2025-04-14"
ENDPOINTS = {"embeddings": "/v1/embeddings", "moderation": "/v1/moderations"}


def use_samples(store: Store, files: Sequence[StoredFile]) -> None:
    """Puts what uses these files on the lists."""
    random, usage = Random(SEED), Usage(store)
    newest_first = sorted(files, key=lambda file: (file.created_at, file.id), reverse=True)
    for batch in _batches(newest_first, random):
        usage.add(BATCH, batch)
    for job in _jobs(newest_first, random):
        usage.add(JOB, job)
    for document, members in _stores(newest_first, random):
        usage.add(STORE, document)
        for file in members:
            status = "failed" if file.filename.endswith(".json") else "completed"
            usage.attach(document["id"], file.id, document["created_at"] + MINUTE, file.bytes * 3 // 2, status)


def _batches(files: Sequence[StoredFile], random: Random) -> Iterator[dict[str, Any]]:
    """One for each output; its requests, which live for 30 days, may be gone by now."""
    inputs = [file for file in files if file.purpose == "batch"]
    named = {file.filename: file for file in files}
    for output in files:
        found = re.fullmatch(r"(batch_\w+)_output\.jsonl", output.filename)
        if not found:
            continue
        given = next((file for file in inputs if HOUR / 2 < output.created_at - file.created_at < 2 * HOUR), None)
        if output is next(file for file in files if file.filename.endswith("_output.jsonl")):
            given = named["embeddings-backfill-requests.jsonl"]
        failures = named.get(f"{found[1]}_error.jsonl")
        yield _batch(
            found[1],
            output.created_at - HOUR // 2,
            given.filename if given else "",
            input_file_id=given.id if given else _identifier("file-", random),
            output_file_id=output.id,
            error_file_id=failures.id if failures else None,
            status="completed",
            completed_at=output.created_at,
            request_counts=_counts(output.bytes // 420, (failures.bytes // 320) if failures else 0),
        )
    waiting = named["nightly-classification-requests.jsonl"]
    yield _batch(
        f"batch_{random.getrandbits(96):024x}",
        waiting.created_at + MINUTE,
        waiting.filename,
        input_file_id=waiting.id,
        status="validating",
        request_counts=_counts(0, 0),
    )


def _batch(identifier: str, created_at: int, name: str, **more: Any) -> dict[str, Any]:
    started = more["status"] == "completed"
    return {
        "id": identifier,
        "object": "batch",
        "endpoint": ENDPOINTS.get(name.partition("-")[0], "/v1/chat/completions"),
        "errors": None,
        "completion_window": "24h",
        "output_file_id": None,
        "error_file_id": None,
        "created_at": created_at,
        "in_progress_at": created_at + MINUTE if started else None,
        "expires_at": created_at + DAY,
        "completed_at": None,
        "metadata": None,
        **more,
    }


def _counts(completed: int, failed: int) -> dict[str, int]:
    return {"total": completed + failed, "completed": completed, "failed": failed}


def _jobs(files: Sequence[StoredFile], random: Random) -> Iterator[dict[str, Any]]:
    """One for each training file: with what it measured where that is there, failed where the file is broken."""
    named = {file.filename: file for file in files}
    results = [file for file in files if file.purpose == "fine-tune-results"]
    for training in files:
        if training.purpose != "fine-tune" or training.filename.endswith("-validation.jsonl"):
            continue
        stem = training.filename.removesuffix(".jsonl")
        validation = named.get(f"{stem}-validation.jsonl")
        measured = [file for file in results if HOUR < file.created_at - training.created_at < 4 * HOUR]
        error = {"code": "invalid_training_file", "message": training.problem, "param": "training_file"}
        status = "failed" if training.problem else "succeeded" if measured else "cancelled"
        if training.ready_at is None:
            status = "validating_files"
        suffix = re.sub(r"\W+", "-", stem)[:18].strip("-")
        is_done = status == "succeeded"
        yield {
            "id": _identifier("ftjob-", random),
            "object": "fine_tuning.job",
            "model": MODEL,
            "created_at": training.created_at + MINUTE,
            "finished_at": measured[0].created_at if measured else None,
            "fine_tuned_model": f"ft:{MODEL}:demo:{suffix}:{_identifier('', random)[:8]}" if is_done else None,
            "organization_id": "org-demo",
            "result_files": [file.id for file in measured[:1]],
            "status": status,
            "validation_file": validation.id if validation else None,
            "training_file": training.id,
            "hyperparameters": {"n_epochs": 3, "batch_size": "auto", "learning_rate_multiplier": "auto"},
            "trained_tokens": training.bytes // 4 * 3 if is_done else None,
            "error": error if training.problem else None,
            "seed": random.randrange(2**31),
            "estimated_finish": None,
            "integrations": [],
        }


def _stores(files: Sequence[StoredFile], random: Random) -> Iterator[tuple[dict[str, Any], list[StoredFile]]]:
    """What assistants look things up in; a file may be in several."""
    documents = [file for file in files if file.purpose == "assistants"]
    guides = [file for file in documents if "-guide-" in file.filename]
    handbook = [file for file in documents if file.filename == "support-handbook.pdf"]
    data = [file for file in documents if file.filename.endswith((".csv", ".json"))]
    ages = (("Support handbook", 30 * DAY, handbook + guides), ("Security and SSO", 12 * DAY, _about(guides, "s")))
    for name, age, members in (*ages, ("Orders", 2 * HOUR, data + handbook), ("Drafts", 90 * DAY, [])):
        created = max(file.created_at for file in files) - int(age)
        yield (
            {
                "id": _identifier("vs_", random),
                "object": "vector_store",
                "created_at": created,
                "name": name,
                "status": "completed",
                "expires_after": None,
                "expires_at": None,
                "last_active_at": created + HOUR,
                "metadata": {},
            },
            members,
        )


def _about(files: Sequence[StoredFile], start: str) -> list[StoredFile]:
    return [file for file in files if file.filename.startswith(start)]


def _identifier(prefix: str, random: Random) -> str:
    return prefix + "".join(random.choices(ALPHABET, k=22))
