"""HTTP: Django's synchronous chain, run in the bounded pool of database threads.

Django's own ASGI handler makes a thread for each request and hops into it for each
middleware, and its connections to the database end with the thread. Here a request
takes one hop, into one of a few threads that keep their connections.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextvars import Context, copy_context
from functools import partial
from typing import Any, TypeVar, cast

from django.core import signals
from django.core.exceptions import RequestAborted
from django.core.handlers.asgi import ASGIHandler, ASGIRequest, get_script_prefix
from django.http import HttpResponseBase, StreamingHttpResponse
from django.urls import set_script_prefix

from chat import work_id
from chat.database import threads
from chatsite import visits

T = TypeVar("T")
PIECE_BYTES = 256 * 1024


class PooledHandler(ASGIHandler):
    """A Django ASGI handler whose middleware and views are all plain functions."""

    def __init__(self) -> None:
        super().__init__()
        self.load_middleware(is_async=False)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        try:
            body_file = await self.read_body(receive)
        except RequestAborted:
            return
        # The answer is made to its end even if its reader has gone: what was asked for
        # may be committed already, and a half-told change would help nobody.
        started = time.perf_counter()
        context, number = copy_context(), visits.number_of(scope)
        context.run(work_id.begin, number)
        response, view = await _in_thread(context, partial(self._respond, scope, body_file))
        seconds = time.perf_counter() - started
        context.run(visits.note, scope, view, response.status_code, seconds)
        response[visits.HEADER] = number
        if isinstance(response, StreamingHttpResponse) and not response.is_async:
            # A file, an export: Django would read it in a thread of its own, and warn of it.
            parts = cast(Iterable[bytes], response.streaming_content)
            response.streaming_content = _read(context, parts)
        try:
            await self.send_response(response, send)
        finally:
            if response.streaming:
                await _in_thread(context, response.close)
            body_file.close()

    def _respond(self, scope: dict[str, Any], body_file: Any) -> tuple[HttpResponseBase, str]:
        """Return the answer, and the name of the view that gave it."""
        set_script_prefix(get_script_prefix(scope))
        signals.request_started.send(sender=self.__class__, scope=scope)
        request, refusal = self.create_request(scope, body_file)
        # Exactly one of the two is there.
        response = self._get(request) if request is not None else cast(HttpResponseBase, refusal)
        response._handler_class = self.__class__  # type: ignore[attr-defined]
        if not response.streaming:
            # Closing sends request_finished: in the thread whose connection it is.
            response.close()
        return response, visits.view_of(request)

    def _get(self, request: ASGIRequest) -> HttpResponseBase:
        return self.get_response(request)


async def _read(context: Context, parts: Iterable[bytes]) -> AsyncIterator[bytes]:
    """A good piece for each hop: few hops for a file, and never all of a long export at once."""
    reader = iter(parts)
    while piece := await _in_thread(context, partial(_next_piece, reader)):
        yield piece


def _next_piece(reader: Iterator[bytes]) -> bytes:
    """Read on until there is enough; nothing is the end."""
    piece = bytearray()
    for part in reader:
        piece += part
        if len(piece) >= PIECE_BYTES:
            break
    return bytes(piece)


async def _in_thread(context: Context, function: Callable[[], T]) -> T:
    """Call ``function`` in a database thread, in its request's own context.

    So its number and its language stay with a request through all of its hops, and nothing
    of it stays behind in the thread.
    """
    call = partial(context.run, function)
    return await asyncio.get_running_loop().run_in_executor(threads("http"), call)
