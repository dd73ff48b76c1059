"""The one error table: code, HTTP status and a sentence in the reader's language.

An action that refuses raises one of these. Every door turns it into its own
answer: ``error{code, text}`` on the socket, a status and the same JSON over
HTTP, a form error on the page.
"""

from __future__ import annotations

from http import HTTPStatus
from typing import ClassVar

from django.utils.functional import Promise, lazy
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _


class ChatError(Exception):
    """A refusal that the person can understand. Never a fault of the server.

    ``sentence`` is lazy: it is put into words at the door, in the reader's language.
    """

    code: ClassVar[str] = "refused"
    status: ClassVar[int] = HTTPStatus.BAD_REQUEST
    sentence: str | Promise = _("That was refused.")

    def __init__(
        self, sentence: str | Promise | None = None, *, retry_after: float | None = None
    ) -> None:
        if sentence is not None:
            self.sentence = sentence
        self.retry_after = retry_after
        super().__init__(self.code)

    @property
    def text(self) -> str:
        return str(self.sentence)


class BadFrameError(ChatError):
    code = "bad_frame"
    sentence = _("That was not a command in JSON.")


class UnknownCommandError(ChatError):
    code = "unknown_command"
    sentence = _("There is no such command.")


class BadFieldError(ChatError):
    code = "bad_field"
    sentence = _("A field of the command is missing or wrong.")


class TooLargeError(ChatError):
    code = "too_large"
    status = HTTPStatus.REQUEST_ENTITY_TOO_LARGE
    sentence = _("That is too large to be sent in one piece.")


class EmptyBodyError(ChatError):
    code = "empty"
    sentence = _("There is nothing to send: the message has no visible text.")


class BodyTooLongError(ChatError):
    code = "too_long"
    sentence = _("The message is too long.")


class BadTextError(ChatError):
    code = "bad_text"
    sentence = _("The text has characters that cannot be stored.")


class BadNameError(ChatError):
    code = "bad_name"
    sentence = _("This name cannot be used.")


class NameTakenError(ChatError):
    code = "name_taken"
    status = HTTPStatus.CONFLICT
    sentence = _("This name is taken, or looks too much like one that is.")


class SignInError(ChatError):
    code = "sign_in"
    status = HTTPStatus.UNAUTHORIZED
    sentence = _("Please sign in.")


class NotFoundError(ChatError):
    """Missing, or not yours to see: the two are not told apart."""

    code = "not_found"
    status = HTTPStatus.NOT_FOUND
    sentence = _("There is nothing here, or it is not for you to see.")


class NotAMemberError(ChatError):
    code = "not_a_member"
    status = HTTPStatus.FORBIDDEN
    sentence = _("Join the room first.")


class ForbiddenError(ChatError):
    code = "forbidden"
    status = HTTPStatus.FORBIDDEN
    sentence = _("You may not do that here.")


class ArchivedError(ChatError):
    code = "archived"
    status = HTTPStatus.FORBIDDEN
    sentence = _("This room is archived: it can be read, but not written to.")


class BannedError(ChatError):
    code = "banned"
    status = HTTPStatus.FORBIDDEN
    sentence = _("You are banned here.")


class MutedError(ChatError):
    code = "muted"
    status = HTTPStatus.FORBIDDEN
    sentence = _("You are muted: you can read, but not write.")


class AddressBannedError(ChatError):
    code = "address_banned"
    status = HTTPStatus.FORBIDDEN
    sentence = _("This site cannot be used from your network.")


class SlowModeError(ChatError):
    code = "slow_mode"
    status = HTTPStatus.TOO_MANY_REQUESTS
    sentence = _("This room is in slow mode. Please wait before you post again.")


class ModeratorsOnlyError(ChatError):
    code = "moderators_only"
    status = HTTPStatus.FORBIDDEN
    sentence = _("Only moderators write in this room.")


class MembersOnlyError(ChatError):
    code = "members_only"
    status = HTTPStatus.FORBIDDEN
    sentence = _("Only members with an account can write here at the moment.")


class SiteReadOnlyError(ChatError):
    code = "site_read_only"
    status = HTTPStatus.FORBIDDEN
    sentence = _("The whole site is read-only at the moment.")


class RefusedWordsError(ChatError):
    code = "refused_words"
    status = HTTPStatus.FORBIDDEN
    sentence = _("Your message has words that are not welcome here. It was not sent.")


class NeedsApprovalError(ChatError):
    code = "needs_approval"
    status = HTTPStatus.FORBIDDEN
    sentence = _("This change would have to be approved first. Post it as a new message.")


class RejectedError(ChatError):
    code = "rejected"
    status = HTTPStatus.FORBIDDEN
    sentence = _("A moderator did not approve this message.")


class DecidedError(ChatError):
    """Of two moderators one acts, and the other is told."""

    code = "decided"
    status = HTTPStatus.CONFLICT
    sentence = _("Another moderator has decided this already.")

    @classmethod
    def by(cls, who: object, what: str | Promise) -> DecidedError:
        """Say who was quicker, and what they decided, once the reader's language is known."""
        if who is None:
            return cls()
        said: Promise = lazy(_decided, str)(str(who), what)  # type: ignore[assignment]
        return cls(said)


def _decided(who: str, what: str | Promise) -> str:
    return gettext("%(who)s has decided this already: %(what)s.") % {"who": who, "what": what}


class EvidenceGoneError(ChatError):
    code = "evidence_gone"
    status = HTTPStatus.GONE
    sentence = _("The text is kept no longer, so this cannot be undone.")


class BadPatternError(ChatError):
    code = "bad_pattern"
    sentence = _("This pattern cannot be used, or it would match every message.")


class BadAddressError(ChatError):
    code = "bad_address"
    sentence = _("This is not an address that can be banned.")


class RegistrationClosedError(ChatError):
    code = "registration_closed"
    status = HTTPStatus.FORBIDDEN
    sentence = _("This site is not taking new accounts.")


class BadInvitationError(ChatError):
    code = "bad_invitation"
    status = HTTPStatus.FORBIDDEN
    sentence = _("This invitation is used up, has expired, or never was one. Ask for a new one.")


class OwnerLinkError(ChatError):
    code = "bad_owner_link"
    status = HTTPStatus.NOT_FOUND
    sentence = _("This link was used already, or a newer one has been printed in the terminal.")


class BadPasswordError(ChatError):
    code = "bad_password"
    sentence = _("This password is too easy to guess.")


class BadPictureError(ChatError):
    code = "bad_picture"
    sentence = _("This picture cannot be read. Please use a PNG, JPEG, WebP or GIF file.")


class RevisionConflictError(ChatError):
    code = "conflict"
    status = HTTPStatus.CONFLICT
    sentence = _("The message was changed in the meantime.")


class NonceConflictError(ChatError):
    code = "nonce_conflict"
    status = HTTPStatus.CONFLICT
    sentence = _("This message was already sent with another text.")


class RedactedError(ChatError):
    code = "redacted"
    status = HTTPStatus.GONE
    sentence = _("The message was redacted.")


class LastOwnerError(ChatError):
    code = "last_owner"
    status = HTTPStatus.CONFLICT
    sentence = _("A room needs an owner: make somebody else the owner first.")


class TooManyRoomsError(ChatError):
    code = "too_many_rooms"
    status = HTTPStatus.TOO_MANY_REQUESTS
    sentence = _("One connection cannot follow more rooms.")


class ThrottledError(ChatError):
    code = "throttled"
    status = HTTPStatus.TOO_MANY_REQUESTS
    sentence = _("That was too fast. Please wait a moment.")


class InternalError(ChatError):
    """A fault of ours, logged where it happened."""

    code = "internal"
    status = HTTPStatus.INTERNAL_SERVER_ERROR
    sentence = _("Something went wrong here, not with you. Please try again.")


class BusyError(ChatError):
    """The store did not answer in time: ask again. What was asked for was not done, or, where
    the line broke in the middle of a commit, nobody knows; a post's nonce finds out.
    """

    code = "busy"
    status = HTTPStatus.SERVICE_UNAVAILABLE
    sentence = _("The server is busy. Your message is kept here and will be sent again.")
