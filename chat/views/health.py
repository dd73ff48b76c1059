"""``/healthz``: the process is alive."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe


@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Answer ``ok``; asks nothing of the database."""
    return HttpResponse("ok\n", content_type="text/plain")
