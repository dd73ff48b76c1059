"""``manage.py owner_link``: a new one-time link that makes the owner's account."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand


class Command(BaseCommand):
    help = "Print a new one-time link that makes the owner's account; nothing once there is one."

    def handle(self, *args: Any, **options: Any) -> None:
        from chat.actions.owner import offer_owner_link

        if path := offer_owner_link():
            self.stdout.write(f"{settings.SITE_URL}{path}")
        else:
            self.stderr.write("This site has an owner.")
