"""A person who can sign in, talk and be talked to."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.validators import MaxValueValidator
from django.db import models
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from chat import names


class UserManager(BaseUserManager["User"]):
    """Makes accounts; the name goes through ``chat.names`` whichever door it came by."""

    def _create(self, display_name: str, email: str, password: str | None, **fields: Any) -> User:
        user = self.model(display_name=display_name, email=self.normalize_email(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_user(
        self, display_name: str, email: str = "", password: str | None = None, **fields: Any
    ) -> User:
        fields.setdefault("is_staff", False)
        fields.setdefault("is_superuser", False)
        return self._create(display_name, email, password, **fields)

    def create_superuser(
        self, display_name: str, email: str = "", password: str | None = None, **fields: Any
    ) -> User:
        return self._create(
            display_name, email, password, **{**fields, "is_staff": True, "is_superuser": True}
        )

    def get_by_natural_key(self, username: str | None) -> User:
        return self.get(name_skeleton=names.skeleton(username or ""))


class User(AbstractBaseUser, PermissionsMixin):
    """One name serves for signing in, for the page and for mentions."""

    class Kind(models.TextChoices):
        MEMBER = "member", _("member")
        GUEST = "guest", _("guest")
        BOT = "bot", _("bot")

    display_name = models.CharField(_("display name"), max_length=names.MAX_NAME_CHARS, unique=True)
    # UTS #39 skeleton of the name: what it looks like. Two people may not look the same.
    name_skeleton = models.CharField(max_length=255, unique=True, editable=False)
    email = models.EmailField(_("e-mail address"), blank=True)
    kind = models.CharField(_("kind"), max_length=8, choices=Kind.choices, default=Kind.MEMBER)
    hue = models.PositiveSmallIntegerField(
        _("avatar colour"), validators=[MaxValueValidator(359)], default=210
    )
    picture = models.ImageField(_("picture"), upload_to="pictures/", blank=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, blank=True)
    # Part of what a session is signed with: one more, and every session is over.
    session_generation = models.PositiveIntegerField(default=0, editable=False)
    is_active = models.BooleanField(_("active"), default=True)
    is_staff = models.BooleanField(_("staff"), default=False)
    date_joined = models.DateTimeField(_("joined"), default=timezone.now)

    # Of the session, not of the row: False while it lacks the second factor that the
    # site requires of its staff. Then they are a person like any other.
    acts_as_staff = True

    objects = UserManager()

    USERNAME_FIELD = "display_name"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        # What the groups Moderators and Administrators may; see chat/ranks.py.
        permissions = [
            ("moderate", _("Can moderate the whole site")),
            ("administer", _("Can look after accounts and site roles")),
        ]

    def __str__(self) -> str:
        return self.display_name

    def clean(self) -> None:
        self.display_name = names.clean_name(self.display_name)

    def save(self, *args: Any, **kwargs: Any) -> None:
        # The skeleton follows the name whoever saves, so that no door can forget it.
        self.name_skeleton = names.skeleton(self.display_name)
        if kwargs.get("update_fields") is not None and "display_name" in kwargs["update_fields"]:
            kwargs["update_fields"] = {*kwargs["update_fields"], "name_skeleton"}
        super().save(*args, **kwargs)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        # What Django's sessions are compared with, also under a rotated key. With the
        # generation in it, somebody can be signed out everywhere without a new password.
        return salted_hmac(
            "chat.User.session",
            f"{self.session_generation}:{self.password}",
            secret=secret,
            algorithm="sha256",
        ).hexdigest()

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name
