from importlib import import_module

import django.core.validators
from django.db import migrations, models

permissions = import_module("cases.migrations.0002_stamp_and_groups").permissions
GRANTED = {"編集者": ["view"], "公開担当": ["view", "add", "change", "delete"]}


def grant(apps, schema_editor):
    """What is written here is public at once: 編集者 see it, 公開担当 write it."""
    for name, actions in GRANTED.items():
        for group in apps.get_model("auth", "Group").objects.filter(name=name):
            group.permissions.add(*permissions(apps, [("glossaryterm", action) for action in actions]))


class Migration(migrations.Migration):

    dependencies = [
        ('cases', '0009_survey'),
    ]

    operations = [
        migrations.CreateModel(
            name='GlossaryTerm',
            fields=[
                ('key', models.CharField(help_text='「/glossary/#…」の…に使う半角の短い名。後から変えられません。', max_length=30, primary_key=True, serialize=False, validators=[django.core.validators.RegexValidator('^[a-z0-9]+([_-][a-z0-9]+)*$', '半角の英小文字・数字・-・_ で書いてください。')], verbose_name='キー')),
                ('name', models.CharField(max_length=40, unique=True, verbose_name='用語')),
                ('reading', models.CharField(help_text='ひらがな。五十音順に並べるのに使います。英字の語も、読み方をひらがなで書きます。', max_length=60, validators=[django.core.validators.RegexValidator('^[ぁ-ゖー]+\\Z', 'ひらがなと「ー」で書いてください。')], verbose_name='読み')),
                ('definition', models.TextField(help_text='やさしい言葉で、一つか二つの文で。報告書の文は写さず、書かれていないことは補いません。', max_length=400, verbose_name='説明')),
                ('place', models.CharField(blank=True, help_text='例: 図表1-1。報告書の語でなく、このサイトの語のときは空けておきます。', max_length=40, verbose_name='報告書での箇所')),
            ],
            options={
                'verbose_name': '用語',
                'verbose_name_plural': '用語',
                'ordering': ['reading', 'key'],
            },
        ),
        migrations.RunPython(grant, migrations.RunPython.noop),
    ]
