"""The addresses of the pages."""

from django.urls import URLPattern, URLResolver, path, register_converter

from chat.api import history, people, pins, sanctions
from chat.views import (
    accounts,
    home,
    invitations,
    keeping,
    owner,
    profile,
    room,
    room_moderation,
    room_settings,
    rooms,
)


class PositiveNumber:
    """A row's id: what SQLite and PostgreSQL can hold, so that no address is a fault."""

    regex = "[1-9][0-9]{0,17}"

    def to_python(self, value: str) -> int:
        return int(value)

    def to_url(self, value: int) -> str:
        return str(value)


register_converter(PositiveNumber, "id")

app_name = "chat"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", home.home, name="home"),
    path("owner/<str:token>/", owner.claim, name="owner"),
    path("profile/", profile.profile, name="profile"),
    path("profile/sign-out-everywhere/", accounts.sign_out_everywhere, name="sign_out_everywhere"),
    path("media/pictures/<str:name>", profile.picture, name="picture"),
    path("invitations/", invitations.invitation_list, name="invitations"),
    path("invitations/<id:invitation_id>/revoke/", invitations.revoke, name="revoke_invitation"),
    path("rooms/", rooms.room_list, name="rooms"),
    path("rooms/<id:room_id>/", room.room, name="room"),
    path("api/rooms/<id:room_id>/messages/", history.messages, name="history"),
    path("api/rooms/<id:room_id>/people/", people.people, name="people"),
    path("api/rooms/<id:room_id>/pins/", pins.pins, name="pins"),
    path("api/rooms/<id:room_id>/sanctions/", sanctions.sanctions, name="sanctions"),
    path("rooms/<id:room_id>/join/", rooms.join, name="join_room"),
    path("rooms/<id:room_id>/leave/", rooms.leave, name="leave_room"),
    path("rooms/<id:room_id>/settings/", room_settings.room_settings, name="room_settings"),
    path("rooms/<id:room_id>/switches/", room_moderation.set_switches, name="set_switches"),
    path("rooms/<id:room_id>/keeping/", keeping.keep_days, name="keep_days"),
    path("rooms/<id:room_id>/rules/", room_moderation.add_rule, name="add_rule"),
    path(
        "rooms/<id:room_id>/rules/<id:rule_id>/remove/",
        room_moderation.remove_rule,
        name="remove_rule",
    ),
    path("rooms/<id:room_id>/sanctions/<id:sanction_id>/lift/", room_moderation.lift, name="lift"),
    path("rooms/<id:room_id>/archive/", room_settings.archive, name="archive_room"),
    path("rooms/<id:room_id>/restore/", room_settings.restore, name="restore_room"),
    path("rooms/<id:room_id>/people/<id:user_id>/role/", room_settings.set_role, name="set_role"),
    path(
        "rooms/<id:room_id>/people/<id:user_id>/remove/",
        room_settings.remove,
        name="remove_member",
    ),
]
