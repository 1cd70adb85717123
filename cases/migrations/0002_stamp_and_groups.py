"""The one stamp row, and the two groups: 編集者 writes, 公開担当 also decides what is public."""

from django.db import migrations

WRITTEN = ["statement", "citation", "silence", "tooluse", "photo", "link"]
KEPT = ["case", "caseversion", "source", "tool", "toolfamily", "style"]
READ = ["municipality", "field", "tier", "item", "transition"]


def permissions(apps, pairs):
    """Permission rows for (model, action); made here, since Django makes them only after migrating."""
    content_types = apps.get_model("contenttypes", "ContentType").objects
    rows = apps.get_model("auth", "Permission").objects
    for model, action in pairs:
        content_type, _ = content_types.get_or_create(app_label="cases", model=model)
        name = apps.get_model("cases", model)._meta.verbose_name
        label = "版を公開・差し戻し・取り下げできる" if action == "publish" else f"Can {action} {name}"
        yield rows.get_or_create(
            content_type=content_type, codename=f"{action}_{model}", defaults={"name": label}
        )[0]


def forwards(apps, schema_editor):
    apps.get_model("cases", "CatalogueStamp").objects.get_or_create(pk=1)
    groups = apps.get_model("auth", "Group").objects
    pairs = [(model, action) for model in WRITTEN for action in ("add", "change", "delete", "view")]
    pairs += [(model, action) for model in KEPT for action in ("add", "change", "view")]
    pairs += [(model, "view") for model in READ]
    written = list(permissions(apps, pairs))
    own_drafts = permissions(apps, [("caseversion", "delete")])  # the admin grants it for one's own drafts only
    groups.get_or_create(name="編集者")[0].permissions.add(*written, *own_drafts)
    publish = permissions(apps, [("caseversion", "publish")])
    groups.get_or_create(name="公開担当")[0].permissions.add(*written, *publish)


def backwards(apps, schema_editor):
    apps.get_model("auth", "Group").objects.filter(name__in=["編集者", "公開担当"]).delete()
    apps.get_model("cases", "CatalogueStamp").objects.all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("cases", "0001_initial"),
        ("auth", "0012_alter_user_first_name_max_length"),
        ("contenttypes", "0002_remove_content_type_name"),
    ]
    operations = [migrations.RunPython(forwards, backwards)]
