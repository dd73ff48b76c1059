"""The Content-Security-Policy header, put together once: only the nonce differs."""

from __future__ import annotations

from functools import cache

from csp.constants import HEADER
from csp.middleware import CSPMiddleware
from csp.utils import build_policy
from django.http import HttpRequest, HttpResponseBase

_NONCE = "(nonce)"
_OWN_POLICY = frozenset({"_csp_config", "_csp_update", "_csp_replace", "_csp_exempt"})
"""What the decorators of django-csp leave on a response that wants another policy."""


class KeptPolicyMiddleware(CSPMiddleware):
    """As django-csp's, which builds the header from the settings for every answer anew."""

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        nonce = getattr(request, "_csp_nonce", None)
        # Without a nonce django-csp also sets a trap for whoever asks for one too late.
        if nonce is None or HEADER in response or not _OWN_POLICY.isdisjoint(vars(response)):
            return super().process_response(request, response)
        response.headers[HEADER] = _policy().replace(_NONCE, nonce)
        return response


@cache
def _policy() -> str:
    policy: str = build_policy(nonce=_NONCE)
    return policy
