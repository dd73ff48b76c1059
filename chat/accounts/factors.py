"""Where django-allauth asks the site about second factors: their names, and how they are kept."""

from __future__ import annotations

import logging

from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from chat.accounts import sealing
from chat.errors import ForbiddenError
from chat.models import User

logger = logging.getLogger(__name__)

UNREADABLE = gettext_lazy(
    "Your second factor cannot be read any more. Whoever runs this site can remove it."
)


class FactorAdapter(DefaultMFAAdapter):
    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "incorrect_code": gettext_lazy("This code is wrong, or was used already."),
        "too_many_codes": gettext_lazy("Too many wrong codes. Please wait a while and try again."),
        "bad_passkey": gettext_lazy("This passkey was not accepted. Please try again."),
        "too_many_passkeys": gettext_lazy("You have as many passkeys as there may be."),
        "cannot_generate_recovery_codes": gettext_lazy(
            "Recovery codes stand in for a second factor. Set one up first."
        ),
    }

    def encrypt(self, text: str) -> str:
        return sealing.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Raises ForbiddenError where the site's key is not the one any more."""
        try:
            return sealing.unseal(encrypted_text)
        except sealing.UnopenableError as error:
            logger.error("a second factor cannot be read: SECRET_KEY is another one than before")  # noqa: TRY400
            raise ForbiddenError(UNREADABLE) from error

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {**super().get_public_key_credential_rp_entity(), "name": settings.SITE_NAME}

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002
        count = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return _("Passkey %(number)s") % {"number": count + 1}

    def _get_user_identifier(self, user: User) -> str:
        # What one signs in with here. allauth's own choice, the address, would be shown to
        # whoever looks over a shoulder.
        return user.display_name
