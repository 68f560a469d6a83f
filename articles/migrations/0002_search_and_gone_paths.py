"""The words that articles are found by, with those of the articles there are, and the addresses of deleted ones."""

import django.db.models.deletion
from django.db import migrations, models

from articles import search_index


def index_articles(apps, schema_editor):
    # With the code of the day: what is saved from now on is stored by it, too.
    search_index.rebuild(apps.get_model)


class Migration(migrations.Migration):

    dependencies = [
        ('articles', '0001_initial'),
    ]

    operations = [
        migrations.CreateModel(
            name='GonePath',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('path', models.CharField(max_length=200, unique=True, verbose_name='address')),
                ('gone_at', models.DateTimeField(auto_now_add=True, verbose_name='deleted at')),
            ],
            options={
                'verbose_name': 'address of a deleted article',
                'verbose_name_plural': 'addresses of deleted articles',
            },
        ),
        migrations.CreateModel(
            name='SearchEntry',
            fields=[
                ('article', models.OneToOneField(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, primary_key=True, related_name='+', serialize=False, to='articles.article')),
                ('language', models.CharField(db_index=True, max_length=8)),
            ],
        ),
        migrations.CreateModel(
            name='SearchSpelling',
            fields=[
                ('pk', models.CompositePrimaryKey('slip', 'word', blank=True, editable=False, primary_key=True, serialize=False)),
                ('slip', models.CharField(max_length=40)),
                ('word', models.CharField(max_length=40)),
            ],
        ),
        migrations.CreateModel(
            name='SearchTerm',
            fields=[
                ('pk', models.CompositePrimaryKey('stem', 'article_id', blank=True, editable=False, primary_key=True, serialize=False)),
                ('stem', models.CharField(max_length=40)),
                ('weight', models.PositiveIntegerField()),
                ('article', models.ForeignKey(db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name='+', to='articles.article')),
            ],
        ),
        migrations.RunPython(index_articles, migrations.RunPython.noop, elidable=True),
    ]
