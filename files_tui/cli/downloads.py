"""`files-tui download`: remote files saved, or one of them passed on."""

from __future__ import annotations

import argparse
import os
from collections.abc import Hashable
from pathlib import Path

import msgspec

from files_tui import text
from files_tui.api.abort import Abort
from files_tui.api.client import FilesClient
from files_tui.api.errors import ApiError, NotSupported
from files_tui.api.models import File
from files_tui.cli.accounts import is_demo
from files_tui.cli.moving import moving
from files_tui.cli.output import is_seen, put, put_object, put_path
from files_tui.cli.server import connected, files_of, ids_of
from files_tui.cli.words import FAILED, say_failed
from files_tui.settings import SettingsError, default_download_dir
from files_tui.text import Untrusted
from files_tui.transfers.jobs import DownloadJob, Job
from files_tui.transfers.saving import CutShort, remark_on
from files_tui.transfers.target import distinct, is_special


def download(options: argparse.Namespace) -> int:
    """Save files under their own names, or one under a name or to standard output."""
    ids = ids_of(options.ids)
    passes_on = options.output is not None and str(options.output) == "-"
    folder = options.to or options.download_dir or default_download_dir()
    if options.output is not None and len(ids) != 1:
        raise SettingsError("--output is for one file: --to names a folder for several")
    if passes_on and (options.json or is_seen()):
        raise SettingsError("--output - gives a file to another program: pipe it, as into 'less'")
    if not os.path.isdir(folder):
        raise SettingsError(f"no such folder: {text.one_line(str(folder))}")
    with connected(options) as client:
        return _pass_on(client, ids[0]) if passes_on else _save(client, ids, Path(folder), options)


def _save(client: FilesClient, ids: list[str], folder: Path, options: argparse.Namespace) -> int:
    failed = False
    files = []
    for file_id, found in files_of(client, ids):
        try:
            files.append(_content_of(file_id, found))
        except ApiError as error:
            say_failed(text.safe(file_id, 60), str(error), error.advice)
            failed = True
    names = [text.file_name(file.filename or file.id) for file in files]
    # Two remote files of one name must not replace each other.
    targets = [options.output] if options.output else distinct([folder / name for name in names], keep=False)
    jobs = []
    for file, target in zip(files, targets, strict=False):
        if os.path.lexists(target) and not options.replace:
            advice = "--output - passes a file on." if is_special(target) else "--replace replaces it."
            say_failed(text.safe(file.id, 60), f"{text.path_of(target)} exists", advice)
            failed = True
        else:
            jobs.append(DownloadJob(file, Path(os.path.abspath(target)), replace=options.replace))

    def tell(job: DownloadJob) -> None:
        path = str(job.saved_as)
        if options.json:
            put_object(id=job.file.id.true, path=path)
        else:
            put_path(path)
        if job.message:
            say_failed(text.safe(job.file.id, 60), job.message)

    with moving(client, keep=not is_demo(options)) as made:
        made.run(made.gone_on_with(jobs, _known_by), tell)
        return FAILED if failed else made.code


def _known_by(job: Job) -> Hashable:
    return (job.file.id, job.target, job.replace) if isinstance(job, DownloadJob) else None


def _content_of(file_id: str, found: File | ApiError) -> File:
    """The file of that id, whichever other one the server tells of; raises why there is none.

    A server that tells nothing of a single file may still give out its content.
    """
    if isinstance(found, NotSupported):
        return File(id=Untrusted(file_id))
    if isinstance(found, ApiError):
        raise found
    return found if found.id == file_id else msgspec.structs.replace(found, id=Untrusted(file_id))


def _pass_on(client: FilesClient, file_id: str) -> int:
    """Write a file's content to standard output, and see that it is whole."""
    came = 0
    try:
        [(_, found)] = files_of(client, [file_id])
        file = _content_of(file_id, found)
        with client.content(file_id, abort=Abort()) as content:
            for chunk in content.chunks:
                put(chunk)
                came += len(chunk)
            remark = remark_on(file, content, came)
    except (ApiError, CutShort) as error:
        advice = error.advice if isinstance(error, ApiError) else ""
        say_failed(text.safe(file_id, 60), f"{error}{', so that it is not whole' if came else ''}", advice)
        return FAILED
    if remark:
        say_failed(text.safe(file_id, 60), remark)
    return 0
