"""The application: the endpoints under /v1, and errors in the API's envelope."""

from collections.abc import Awaitable, Callable

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from files_tui.demo.errors import ApiError, Refusal, unknown_url, wrong_method
from files_tui.demo.files import Files
from files_tui.demo.middleware import Gate
from files_tui.demo.store import Store
from files_tui.demo.uploads import Uploads
from files_tui.demo.usage import Usage

Handler = Callable[[Request], Awaitable[Response]]


def create_app(store: Store, *, key: str = "", processing_seconds: float = 2.0) -> ASGIApp:
    """The Files API over this store; with an empty key any is taken.

    A new file is `uploaded` for `processing_seconds`, then `processed` or `error`.
    """
    files = Files(store, processing_seconds)
    uploads = Uploads(store, files.admit)
    usage = Usage(store)
    app = Starlette(
        routes=[
            _route("/v1/files", GET=files.list, POST=files.create),
            _route("/v1/files/{file_id}", GET=files.retrieve, DELETE=files.delete),
            _route("/v1/files/{file_id}/content", GET=files.content),
            _route("/v1/uploads", POST=uploads.create),
            _route("/v1/uploads/{upload_id}/parts", POST=uploads.add_part),
            _route("/v1/uploads/{upload_id}/complete", POST=uploads.complete),
            _route("/v1/uploads/{upload_id}/cancel", POST=uploads.cancel),
            _route("/v1/batches", GET=usage.list_batches),
            _route("/v1/batches/{holder_id}", GET=usage.retrieve_batch),
            _route("/v1/fine_tuning/jobs", GET=usage.list_jobs),
            _route("/v1/fine_tuning/jobs/{holder_id}", GET=usage.retrieve_job),
            _route("/v1/vector_stores", GET=usage.list_stores),
            _route("/v1/vector_stores/{holder_id}", GET=usage.retrieve_store),
            _route("/v1/vector_stores/{holder_id}/files", GET=usage.list_members),
            _route("/v1/vector_stores/{holder_id}/files/{file_id}", GET=usage.retrieve_member, DELETE=usage.detach),
        ],
        exception_handlers={
            ApiError: _refused,
            HTTPException: _not_routed,
            Exception: _failed,
        },
    )
    app.router.redirect_slashes = False
    return Gate(app, key)


def _route(path: str, **handlers: Handler) -> Route:
    async def endpoint(request: Request) -> Response:
        return await handlers["GET" if request.method == "HEAD" else request.method](request)

    return Route(path, endpoint, methods=list(handlers))


async def _refused(_: Request, error: Exception) -> Response:
    assert isinstance(error, ApiError)
    return error.refusal.answer()


async def _not_routed(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    if error.status_code == 405:
        return wrong_method(request).answer(dict(error.headers or {}))
    return unknown_url(request).answer()


async def _failed(_: Request, error: Exception) -> Response:
    message = f"The server had an error while processing your request: {error!r}"
    return Refusal(500, message, type="server_error").answer()
