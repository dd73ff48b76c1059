"""Give the store its identity."""

import secrets

from django.db import migrations


def make_store(apps, schema_editor):
    apps.get_model("chat", "Store").objects.get_or_create(
        pk=1, defaults={"epoch": secrets.token_hex(6)}
    )


class Migration(migrations.Migration):
    dependencies = [("chat", "0001_initial")]
    operations = [migrations.RunPython(make_store, migrations.RunPython.noop)]
