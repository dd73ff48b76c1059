"""The full-text index, and every message that there is already in it.

Each database has its own; chat/search/ knows how it is made. It is made from the messages
and can be made again, so the form that it has today is the form to make.
"""

from datetime import UTC
from itertools import islice

from django.db import migrations

from chat.search.entries import Entry
from chat.search.indexes import the_index

CHUNK = 2_000


def make_index(apps, schema_editor):
    index = the_index()
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("SET LOCAL statement_timeout = 0")
    schema_editor.execute(index.table)
    messages = apps.get_model("chat", "Message").objects.order_by("pk")
    columns = ("pk", "room_id", "author_id", "created_at", "body")
    rows = messages.values_list(*columns).iterator(CHUNK)
    entries = (
        Entry(pk, room_id, author_id, f"{created_at.astimezone(UTC):%Y%m%d}", body)
        for pk, room_id, author_id, created_at, body in rows
    )
    while chunk := list(islice(entries, CHUNK)):
        index.insert(chunk)
    for statement in index.finish:
        schema_editor.execute(statement)


def drop_index(apps, schema_editor):
    for statement in the_index().drop:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("chat", "0002_store")]
    operations = [migrations.RunPython(make_index, drop_index)]
