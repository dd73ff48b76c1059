"""The ASGI application: HTTP to Django, ``/socket/`` to the consumer."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chatsite.settings")

import django

django.setup()

from channels.routing import ProtocolTypeRouter, URLRouter
from django.urls import path

from chat.consumers import ChatConsumer
from chat.origin import ExactOrigin
from chatsite.http import PooledHandler
from chatsite.refusals import refuse_socket

application = ProtocolTypeRouter(
    {
        "http": PooledHandler(),
        "websocket": URLRouter(
            [
                path("socket/", ExactOrigin(ChatConsumer.as_asgi())),
                path("<path:anything>", refuse_socket),
                path("", refuse_socket),
            ]
        ),
    }
)
