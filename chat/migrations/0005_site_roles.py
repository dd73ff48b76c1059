"""Make the site's one row, and the groups Moderators and Administrators."""

from django.db import migrations

PERMISSIONS = {
    "moderate": "Can moderate the whole site",
    "administer": "Can look after accounts and site roles",
}
GROUPS = {"Moderators": ["moderate"], "Administrators": ["moderate", "administer"]}


def make_site(apps, schema_editor):
    apps.get_model("chat", "Site").objects.get_or_create(pk=1)


def make_groups(apps, schema_editor):
    content_type, _ = apps.get_model("contenttypes", "ContentType").objects.get_or_create(
        app_label="chat", model="user"
    )
    permission = apps.get_model("auth", "Permission").objects
    made = {
        codename: permission.get_or_create(
            codename=codename, content_type=content_type, defaults={"name": name}
        )[0]
        for codename, name in PERMISSIONS.items()
    }
    groups = {}
    for name, codenames in GROUPS.items():
        groups[name], _ = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        groups[name].permissions.add(*[made[codename] for codename in codenames])
    # Staff moderated the whole site before there were groups; so they go on.
    for person in apps.get_model("chat", "User").objects.filter(is_staff=True, is_superuser=False):
        person.groups.add(groups["Moderators"])


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0004_moderation"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [
        migrations.RunPython(make_site, migrations.RunPython.noop),
        migrations.RunPython(make_groups, migrations.RunPython.noop),
    ]
