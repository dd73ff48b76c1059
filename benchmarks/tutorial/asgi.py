"""The tutorial's ASGI application and routes."""

from __future__ import annotations

import os

from channels.auth import AuthMiddlewareStack
from channels.routing import ProtocolTypeRouter, URLRouter
from channels.security.websocket import AllowedHostsOriginValidator
from django.core.asgi import get_asgi_application
from django.urls import re_path

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "benchmarks.tutorial.settings")
# The apps must be loaded before the consumers, which import models.
django_asgi_app = get_asgi_application()

from benchmarks.tutorial.consumers import ChatConsumer, StoringConsumer  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_asgi_app,
        "websocket": AllowedHostsOriginValidator(
            AuthMiddlewareStack(
                URLRouter(
                    [
                        re_path(r"ws/chat/(?P<room_name>\w+)/$", ChatConsumer.as_asgi()),
                        re_path(r"ws/stored/(?P<room_name>\w+)/$", StoringConsumer.as_asgi()),
                    ]
                )
            )
        ),
    }
)
