"""What moderators see, and what is told to those they moderate, is in the reader's language."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from chat.actions import (
    addresses,
    held_posts,
    messages,
    redaction,
    reports,
    room_switches,
    rooms,
    sanctions,
    word_rules,
)
from chat.models import AddressBan, AuditEntry, HeldPost, Message, SeenAddress, User
from chat.outcomes import read_outcomes
from chat.standing import sentence_of, standing_of
from tests.conftest import let_in, make_moderator, make_person, new_nonce
from tests.languages.spoken import foreign, words

Places = dict[str, Any]

STAFF = [
    "/admin/",
    "/admin/chat/reportcase/",
    "/admin/chat/reportcase/?outcome=all",
    "/admin/chat/reportcase/?outcome=closed&q=%E5%B0%8F%E6%B3%A2",
    "/admin/chat/reportcase/{case}/change/",
    "/admin/chat/reportcase/{decided}/change/",
    "/admin/chat/heldpost/",
    "/admin/chat/heldpost/?status=all",
    "/admin/chat/heldpost/{held}/change/",
    "/admin/chat/heldpost/{approved}/change/",
    "/admin/chat/heldpost/approve/?ids={held}",
    "/admin/chat/heldpost/reject/?ids={held}&reason=%E5%B9%BF%E5%91%8A",
    "/admin/chat/sanction/",
    "/admin/chat/sanction/?state=lifted&where=site",
    "/admin/chat/sanction/add/",
    "/admin/chat/sanction/{muted}/change/",
    "/admin/chat/sanction/{lifted}/change/",
    "/admin/chat/sanction/lift/?ids={muted},{banned}",
    "/admin/chat/addressban/",
    "/admin/chat/addressban/add/",
    "/admin/chat/addressban/{address}/change/",
    "/admin/chat/addressban/lift/?ids={address}",
    "/admin/chat/wordrule/",
    "/admin/chat/wordrule/add/",
    "/admin/chat/wordrule/{rule}/change/",
    "/admin/chat/wordrule/remove/?ids={rule}",
    "/admin/chat/auditentry/",
    "/admin/chat/auditentry/?when=week",
    "/admin/chat/auditentry/{entry}/change/",
    "/admin/chat/user/?standing=mute",
    "/admin/chat/user/{person}/change/",
    "/admin/chat/user/mute/?ids={person},{other}",
    "/admin/chat/user/ban/?ids={person}&page",
    "/admin/chat/user/kick/?ids={person}",
    "/admin/chat/user/second_factor/?ids={person}",
    "/admin/chat/message/?q=%E5%B0%8F%E6%B3%A2",
    "/admin/chat/message/?q=%E5%A4%A7%E5%8E%85&redacted=no",
    "/admin/chat/message/?created_at__year={year}",
    "/admin/chat/message/?created_at__year={year}&created_at__month=1",
    "/admin/chat/message/redact/?ids={message}",
    "/admin/chat/message/redact-all/?people={person}&room={room}",
    "/admin/chat/message/{redacted}/change/",
    "/admin/chat/room/?slow=yes",
    "/admin/chat/room/{room}/change/",
    "/admin/undo/{click}/",
    "/rooms/{room}/settings/",
    "/rooms/{room}/",
]


@pytest.fixture
def owner(db: None) -> User:
    return make_person("安达", is_staff=True, is_superuser=True)


@pytest.fixture
def places(owner: User) -> Places:
    """An evening in a room, of which everything that moderation knows is true."""
    bob, mia = make_person("小波"), make_person("小米", language="zh-hant")
    room = rooms.create_room(actor=owner, name="大厅", topic="什么都聊")
    for person in (bob, mia):
        let_in(room, person)
        SeenAddress.objects.create(user=person, address="203.0.113.7", seen_at=timezone.now())
    SeenAddress.objects.create(user=bob, address="8.8.8.8", seen_at=timezone.now())

    def post(author: User, body: str) -> int:
        return messages.post_message(actor=author, room_id=room.pk, nonce=new_nonce(), body=body).id

    said, gone, judged = post(bob, "加我微信"), post(bob, "买金子"), post(bob, "来吵架")
    case = reports.report_message(actor=mia, message_id=said, reason="广告")
    reports.report_message(actor=owner, message_id=said, reason="")
    decided = reports.report_message(actor=mia, message_id=judged, reason="骂人")
    reports.decide_case(actor=owner, case_id=decided.pk, outcome="muted", reason="骂人")
    click = uuid.uuid4()
    redaction.redact_messages(actor=owner, message_ids=[gone], reason="广告", action_id=click)
    muted = sanctions.mute(
        actor=owner, user_id=mia.pk, term=timedelta(hours=3), reason="刷屏", action_id=click
    )
    banned = sanctions.ban(actor=owner, user_id=bob.pk, room_id=room.pk, reason="广告", note="又来")
    lifted = sanctions.ban(actor=owner, user_id=mia.pk, reason="误会")
    sanctions.lift(actor=owner, sanction_id=lifted.pk, reason="误会")
    addresses.ban_address(actor=owner, network="203.0.114.0/24", reason="刷屏")
    rule = word_rules.add_rule(
        actor=owner, pattern="金子*", kind="wildcard", outcome="refuse", sentence="别卖东西"
    )
    word_rules.add_rule(actor=owner, pattern="微信", outcome="report", room_id=room.pk)
    about = {"actor": owner, "room_id": room.pk}
    room_switches.set_room(approve_first="everyone", **about)
    jo = make_person("小乔")
    let_in(room, jo)
    post(jo, "让我进来")
    post(jo, "还有一句")
    room_switches.set_room(slow_mode=90, posting="members", **about)
    waiting = list(HeldPost.objects.order_by("pk"))
    held_posts.approve_post(actor=owner, held_id=waiting[1].pk)
    return {
        "year": timezone.now().year,
        "room": room.pk,
        "person": bob.pk,
        "other": mia.pk,
        "message": Message.objects.filter(author=jo).latest("pk").pk,
        "redacted": gone,
        "case": case.pk,
        "decided": decided.pk,
        "held": waiting[0].pk,
        "approved": waiting[1].pk,
        "muted": muted.pk,
        "banned": banned.pk,
        "lifted": lifted.pk,
        "address": AddressBan.objects.get().pk,
        "rule": rule.pk,
        "entry": AuditEntry.objects.latest("pk").pk,
        "click": click,
    }


def test_no_page_of_moderation_has_english_left(
    reader: Client, language: str, owner: User, places: Places
) -> None:
    reader.force_login(owner)
    left: dict[str, object] = {}
    for path in STAFF:
        answer = reader.get(path.format(**places))
        html = answer.content.decode()
        if answer.status_code != 200 or f'lang="{language}"' not in html:
            left[path] = answer.status_code
        elif found := foreign(html):
            left[path] = found
    assert left == {}


def test_a_moderator_who_owns_nothing_reads_no_english_either(
    reader: Client, places: Places
) -> None:
    reader.force_login(make_moderator("小管"))
    for path in ("/admin/", f"/admin/chat/user/{places['person']}/change/"):
        assert foreign(reader.get(path).content.decode()) == []


def test_what_was_done_is_said_in_the_readers_language(
    reader: Client, owner: User, places: Places
) -> None:
    reader.force_login(owner)
    asked = {"reason": "广告", "note": "", "term": "60", "until": "", "room": "", "where": "site"}
    doings = [
        (f"/admin/chat/reportcase/{places['case']}/change/", {"outcome": "banned"}),
        (f"/admin/chat/heldpost/reject/?ids={places['held']}", {}),
        (f"/admin/chat/heldpost/reject/?ids={places['held']}", {}),
        (f"/admin/chat/user/mute/?ids={places['person']},{owner.pk}", {}),
        (f"/admin/chat/user/ban/?ids={places['person']}", {"term": "until"}),
        (f"/admin/chat/user/second_factor/?ids={places['person']}", {}),
        (f"/admin/chat/sanction/lift/?ids={places['muted']}", {}),
        (f"/admin/chat/wordrule/remove/?ids={places['rule']}", {}),
        (f"/admin/chat/message/redact-all/?people={places['person']}", {"span": "ever"}),
        (f"/admin/undo/{places['click']}/", {}),
        ("/admin/chat/addressban/add/", {"network": "10.0.0.1"}),
        ("/admin/chat/wordrule/add/", {"kind": "regex", "pattern": "(", "outcome": "hold"}),
        ("/admin/chat/sanction/add/", {"person": "没有", "kind": "mute", "room": "没有"}),
        ("/admin/level/", {"level": "read_only"}),
        ("/admin/level/", {"level": "normal"}),
    ]
    for path, wanted in doings:
        answer = reader.post(path, asked | wanted, follow=True)
        assert answer.status_code == 200, path
        assert foreign(answer.content.decode()) == [], path


def test_whoever_is_moderated_reads_why_in_their_language(language: str, places: Places) -> None:
    with translation.override(language):
        for person in (places["person"], places["other"]):
            standing = standing_of(person)
            assert standing.bans or standing.mutes
            for bites in (*standing.bans.values(), *standing.mutes.values()):
                said = str(sentence_of(bites))
                assert words(said) == set()
                assert "。 " not in said


def test_the_room_in_which_one_is_muted_says_it_without_english(
    reader: Client, places: Places
) -> None:
    reader.force_login(User.objects.get(pk=places["other"]))
    assert foreign(reader.get(f"/rooms/{places['room']}/").content.decode()) == []


@pytest.mark.parametrize("outcome", ["dismissed", "redacted", "muted", "banned"])
def test_a_reporter_hears_the_outcome_in_their_language(
    language: str, owner: User, places: Places, outcome: str
) -> None:
    reports.decide_case(actor=owner, case_id=places["case"], outcome=outcome)
    told = read_outcomes(places["other"], language)
    assert sorted(one["outcome"] for one in told) == sorted(["muted", outcome])
    assert [one for one in told if words(one["text"])] == []
