"""`files-tui upload`: local files sent, and the ids that they got."""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Hashable, Sequence
from pathlib import Path

import msgspec

from files_tui import text
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError, AuthenticationFailed, ConnectionFailed
from files_tui.catalog.listing import LARGEST_PAGE, Listing
from files_tui.cli.accounts import is_demo
from files_tui.cli.moving import Moving, moving
from files_tui.cli.output import put_lines, put_object
from files_tui.cli.server import connected, waiting_words
from files_tui.cli.status import StatusLine
from files_tui.cli.words import FAILED, USAGE_ERROR, say, say_failed
from files_tui.transfers.jobs import Job, UploadJob
from files_tui.transfers.source import SourceError, source_size

Twins = dict[tuple[str, int], list[str]]


def upload(options: argparse.Namespace) -> int:
    """Upload files, once all of them are known to be such as can be."""
    jobs, problems = [], []
    given = {Path(os.path.abspath(path)): str(path) for path in options.paths}
    for path in given:
        try:
            jobs.append(UploadJob(path, options.purpose, options.expires_after, size=source_size(path)))
        except SourceError as error:
            problems.append(str(error))
    for problem in problems:
        say_failed("", problem, "Nothing was sent.")
    if problems:
        return USAGE_ERROR
    with connected(options, changes=True) as client:
        try:
            twins = _twins(client, jobs)
        except ApiError as error:
            say_failed("", str(error), error.advice)
            return FAILED
        with moving(client, keep=not is_demo(options), twins=twins) as made:
            jobs = made.gone_on_with(jobs, _known_by)
            _point_out(jobs, twins)
            made.run(jobs, lambda job: _tell(job, given[job.path], made, as_json=options.json))
            return made.code


def _twins(client: FilesClient, jobs: Sequence[UploadJob]) -> Twins:
    """The ids of those of the newest files that are there under the same name and size.

    A server that does not list its files may still take one.
    """
    found: Twins = {(job.path.name, job.length): [] for job in jobs}
    began = time.monotonic()
    try:
        with StatusLine(lambda: waiting_words(client, began)):
            files = Listing(client, Abort(), LARGEST_PAGE).first(LARGEST_PAGE).files
    except (AuthenticationFailed, ConnectionFailed):
        raise
    except ApiError:
        files = []
    for file in files:
        same = found.get((file.filename.true, file.bytes or 0))
        if same is not None:
            same.append(file.id.true)
    return found


def _known_by(job: Job) -> Hashable:
    """What an upload is known by that was begun earlier; the file must not have changed since."""
    if not isinstance(job, UploadJob):
        return None
    changed = False
    if job.started is not None:
        try:
            changed = job.path.stat().st_mtime > job.started
        except OSError:
            changed = True
    return (job.path, job.purpose, job.expires_after, job.length, changed)


def _point_out(jobs: Sequence[UploadJob], twins: Twins) -> None:
    for job in jobs:
        if job.started is not None:
            say(f"files-tui: {text.safe(job.title, 60)}: an earlier upload of it was cut off, and is gone on with")
        elif ids := twins[job.path.name, job.length]:
            more = f" and {len(ids) - 1} more" if len(ids) > 1 else ""
            there = f"{text.safe(ids[0], 60)}{more}"
            say(f"files-tui: {text.safe(job.title, 60)}: there already under this name and size: {there}")


def _tell(job: UploadJob, path: str, made: Moving, *, as_json: bool) -> None:
    assert job.file is not None
    if as_json:
        put_object(path=path, id=job.file.id.true, file=msgspec.Raw(job.file.raw))
    else:
        put_lines([text.safe(job.file.id)])
    if job.message:
        say_failed(text.safe(job.title, 60), job.message)
    made.failed |= job.file.bytes not in (None, 0, job.total) or job.file.kind == "failed"
