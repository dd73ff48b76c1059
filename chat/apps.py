"""The application, and its admin."""

from importlib import import_module

from django.apps import AppConfig
from django.contrib.admin.apps import SimpleAdminConfig
from django.utils.translation import gettext_lazy as _


class ChatConfig(AppConfig):
    name = "chat"
    verbose_name = _("Chat")
    default_auto_field = "django.db.models.BigAutoField"


class ChatAdminConfig(SimpleAdminConfig):
    """Django's admin with our own frame, and nothing in it but what ``chat.admin`` registers."""

    default_site = "chat.admin.site.ChatAdminSite"

    def ready(self) -> None:
        super().ready()
        import_module("chat.admin")
