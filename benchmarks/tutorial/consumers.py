"""The asynchronous consumer of the tutorial, part 3, and one that also stores.

https://channels.readthedocs.io/en/stable/tutorial/part_3.html
"""

from __future__ import annotations

import json
from typing import Any

from channels.generic.websocket import AsyncWebsocketConsumer

from benchmarks.tutorial.models import Message


class ChatConsumer(AsyncWebsocketConsumer):
    """As in the tutorial, to the letter."""

    async def connect(self) -> None:
        self.room_name = self.scope["url_route"]["kwargs"]["room_name"]
        self.room_group_name = f"chat_{self.room_name}"
        await self.channel_layer.group_add(self.room_group_name, self.channel_name)
        await self.accept()

    async def disconnect(self, close_code: int) -> None:
        await self.channel_layer.group_discard(self.room_group_name, self.channel_name)

    async def receive(self, text_data: str) -> None:
        text_data_json = json.loads(text_data)
        message = text_data_json["message"]
        await self.channel_layer.group_send(
            self.room_group_name, {"type": "chat.message", "message": message}
        )

    async def chat_message(self, event: dict[str, Any]) -> None:
        message = event["message"]
        await self.send(text_data=json.dumps({"message": message}))


class StoringConsumer(ChatConsumer):
    """The usual next step: a row for each post, committed before anybody is told."""

    async def receive(self, text_data: str) -> None:
        message = json.loads(text_data)["message"]
        await Message.objects.acreate(room=self.room_name, body=message)
        await super().receive(text_data)
