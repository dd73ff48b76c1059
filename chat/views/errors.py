"""What is answered when something is refused or breaks: a page with a way out."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from http import HTTPStatus

from django.contrib.auth.views import redirect_to_login
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader

from chat import work_id
from chat.errors import BusyError, ChatError, SignInError

logger = logging.getLogger(__name__)
API_PREFIX = "/api/"


class ErrorsMiddleware:
    """Turns what an action refused into a page; the API gets the same as JSON."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        if isinstance(error, OperationalError | InterfaceError):
            return store_away(request, error)
        return refusal(request, error) if isinstance(error, ChatError) else None


def store_away(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer while the store does not answer: come again in a moment."""
    logger.warning("the store did not answer: %s", type(error).__name__)
    return refusal(request, BusyError(retry_after=1.0))


def refusal(request: HttpRequest, error: ChatError) -> HttpResponse:
    """The answer to a refused request: sign in first, or a page with the sentence."""
    if request.path.startswith(API_PREFIX):
        body = {"type": "error", "id": None, "code": error.code, "text": error.text}
        response: HttpResponse = JsonResponse(body, status=error.status)
    elif isinstance(error, SignInError):
        return redirect_to_login(request.get_full_path())
    else:
        context = {"status": int(error.status), "sentence": error.text, "code": error.code}
        response = render(request, "chat/error.html", context, status=error.status)
    if error.retry_after:
        response["Retry-After"] = str(max(1, round(error.retry_after)))
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "400.html", status=HTTPStatus.BAD_REQUEST)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "403.html", status=HTTPStatus.FORBIDDEN)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    return render(request, "404.html", status=HTTPStatus.NOT_FOUND)


def server_error(request: HttpRequest) -> HttpResponse:
    error_id = work_id.current_id() or work_id.new_id()
    logger.error("the traceback of error %s stands beside this", error_id)
    # Without the request: the session, the user and the store may be what broke.
    response = HttpResponse(loader.render_to_string("500.html", {"error_id": error_id}))
    response.status_code = HTTPStatus.INTERNAL_SERVER_ERROR
    if isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        # The store went away outside of any view: as a session was saved, for one.
        response.status_code = HTTPStatus.SERVICE_UNAVAILABLE
        response["Retry-After"] = "1"
    return response


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", status=HTTPStatus.FORBIDDEN)
