"""``manage.py seed``: a small world to look at, and the accounts to sign in with."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, no_translations

from chat.models import User
from chat.seeding.world import SeededError, World, make_world


class Command(BaseCommand):
    help = "Make a small world to look at: people, rooms, messages. Once."

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        try:
            world = make_world(self.stdout.write)
        except SeededError as error:
            raise CommandError(
                f"There is somebody called {error} here already, so there is a small world, or "
                "a real one. Nothing was made. For a new world, start with an empty DATA_DIR."
            ) from error
        self.stdout.write("\n".join(_summary(world)))


def _summary(world: World) -> list[str]:
    width = max(len(password) for _, password in world.accounts)
    return [
        "",
        f"  {len(world.accounts)} people, {len(world.rooms)} rooms, {world.messages} messages.",
        "  Sign in with a name and its password. They are shown only this once:",
        "",
        *(
            f"    {password:<{width}}  {person.display_name}{_rights(person)}"
            for person, password in world.accounts
        ),
        "",
    ]


def _rights(person: User) -> str:
    now = User.objects.get(pk=person.pk)
    if now.is_superuser:
        return "  (owns the site)"
    return "  (moderates the site)" if now.is_staff else ""
