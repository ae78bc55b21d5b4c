"""Runs the demo server: `python -m files_tui.demo`."""

import argparse
import contextlib
import logging
import os
import signal
import socket
import sqlite3
import sys
import tempfile
import threading
from collections.abc import Sequence
from pathlib import Path
from types import FrameType

import uvicorn

from files_tui.demo.app import create_app
from files_tui.demo.samples import fill_in_bulk, fill_with_samples
from files_tui.demo.store import Store, StoreError

HOST = "127.0.0.1"
KEY_VARIABLE = "FILES_TUI_DEMO_KEY"


class Server(uvicorn.Server):
    """A server that says where it is once it accepts connections."""

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts to listen, then prints the base URL as the only line on stdout."""
        await super().startup(sockets)
        for listener in sockets or []:
            host, port = listener.getsockname()
            print(f"http://{host}:{port}/v1", flush=True)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Cuts all connections: a client that does not read could otherwise hold the server for ever."""
        for connection in list(self.server_state.connections):
            connection.transport.abort()
        await super().shutdown(sockets)


def main(arguments: Sequence[str] | None = None) -> int:
    """Serves until it is told to end; returns the exit code."""
    options = _parse(arguments)
    # Whatever goes wrong with one request is said in its answer; the terminal may belong to someone else.
    logging.disable(logging.CRITICAL)
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, _leave)
    if options.watch_stdin:
        threading.Thread(target=_end_with_stdin, daemon=True).start()
    try:
        with contextlib.ExitStack() as stack:
            # asyncio turns off Nagle's delay, 40 ms an answer, only where the protocol is named.
            listener = stack.enter_context(socket.socket(proto=socket.IPPROTO_TCP))
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listener.bind((HOST, options.port))
            except (OSError, OverflowError) as error:
                reason = getattr(error, "strerror", None) or error
                raise StoreError(f"Cannot listen on {HOST}:{options.port}: {reason}") from None
            folder = options.dir or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="files-tui-demo-")))
            store = stack.enter_context(Store(folder, kept=options.dir is not None))
            if store.is_empty() and options.bulk is not None:
                fill_in_bulk(store, options.bulk)
            elif store.is_empty() and not options.empty:
                fill_with_samples(store)
            key = options.key or os.environ.get(KEY_VARIABLE, "")
            app = create_app(store, key=key, processing_seconds=options.processing_seconds)
            server = Server(
                uvicorn.Config(
                    app,
                    http="h11",
                    ws="none",
                    loop="asyncio",
                    lifespan="off",
                    log_config=None,
                    access_log=False,
                    server_header=False,
                    timeout_graceful_shutdown=0,
                )
            )
            signal.signal(signal.SIGHUP, server.handle_exit)
            server.run([listener])
    except (StoreError, OSError, sqlite3.Error) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m files_tui.demo", description="A Files API on this computer, to try things on."
    )
    parser.add_argument("--port", type=int, default=0, help="port on 127.0.0.1; 0, the default, takes any")
    parser.add_argument("--dir", type=Path, help="folder that keeps the files; without it they are forgotten")
    parser.add_argument("--key", default="", help=f"key to ask for; also read from ${KEY_VARIABLE}")
    filling = parser.add_mutually_exclusive_group()
    filling.add_argument("--empty", action="store_true", help="start without sample files")
    filling.add_argument("--bulk", type=int, metavar="N", help="start with N small files instead of samples")
    parser.add_argument(
        "--processing-seconds", type=float, default=2.0, metavar="S", help="time until a new file is processed"
    )
    parser.add_argument("--watch-stdin", action="store_true", help="end when stdin does")
    return parser.parse_args(arguments)


def _leave(_number: int, _frame: FrameType | None) -> None:
    raise SystemExit(0)


def _end_with_stdin() -> None:
    # Not sys.stdin: its lock would still be held at the end of the process.
    while os.read(0, 4096):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    sys.exit(main())
