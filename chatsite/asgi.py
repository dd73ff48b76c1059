"""The ASGI application: HTTP to Django, ``/socket/`` to the consumer."""

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

import django

django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from chat.consumers import ChatConsumer
from chat.origin import ExactOrigin
from chatsite.http import PooledHandler
from chatsite.refusals import refuse_socket
from chatsite.watching.doors import OperatorDoors

# Channels routes with Django's path(), whose types know of views alone.
route: Any = path
application = ProtocolTypeRouter(
    {
        "http": OperatorDoors(PooledHandler()),
        "websocket": URLRouter(
            [
                route("socket/", ExactOrigin(ChatConsumer.as_asgi())),
                route("<path:anything>", refuse_socket),
                route("", refuse_socket),
            ]
        ),
    }
)
