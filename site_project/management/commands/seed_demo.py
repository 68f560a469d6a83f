"""Demonstration content: a site worth looking at, in one command.

The texts lie in ``site_project/demo``. Comments pass through the rules as if they had just been
sent, so that the queue shows real verdicts; what editors then decided is in the data.
"""

import json
import re
from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from articles.models import Article, Author, Category, Tag
from comments import intake, learning
from comments.facts import gather
from comments.markup import sanitize
from comments.models import Comment, Decision
from comments.moderation.pipeline import judge
from comments.visitors import Sender, Visitor

DEMO = Path(__file__).resolve().parents[2] / "demo"
HEAD = re.compile(r"<!--(.*?)-->", re.DOTALL)
# Somebody who opened our page in a browser and typed.
READER = Visitor(address=None, sender=Sender.HERE, user=None, commenter=None)
TIME_TO_DECIDE = timedelta(hours=3)


class Command(BaseCommand):
    help = "Fill an empty site with demonstration articles and comments. Refuses where there are articles."

    @transaction.atomic
    def handle(self, **options):
        learning.lock()
        if Article.objects.exists():
            raise CommandError(
                "There are articles here already; the demonstration content is for an empty site."
            )
        site = json.loads((DEMO / "site.json").read_text(encoding="utf-8"))
        self.authors = {each["slug"]: Author.objects.create(**each) for each in site["authors"]}
        self.tags = {each["slug"]: Tag.objects.create(**each) for each in site["tags"]}
        self.categories = {}
        for each in sorted(site["categories"], key=lambda each: each["path"]):
            self.make_category(**each)
        self.articles = {}
        for source in sorted((DEMO / "articles").glob("*.html")):
            self.make_article(source.read_text(encoding="utf-8"))
        self.editor = self.make_editor()
        self.comments = {}
        for each in json.loads((DEMO / "comments.json").read_text(encoding="utf-8")):
            self.make_comment(**each)
        self.stdout.write(f"{len(self.articles)} articles and {len(self.comments)} comments written.")

    def make_category(self, path, name, description):
        above, _slash, slug = path.rpartition("/")
        self.categories[path] = Category.objects.create(
            name=name, slug=slug, description=description, parent=self.categories.get(above)
        )

    def make_article(self, source):
        head = json.loads(HEAD.match(source)[1])
        article = Article(
            title=head["title"],
            path=head["path"],
            author=self.authors[head["author"]],
            standfirst=head["standfirst"],
            body=HEAD.sub("", source, count=1).strip(),
            language="" if settings.LANGUAGE_CODE.startswith(head["lang"]) else head["lang"],
            status=head["status"],
            published_at=datetime.fromisoformat(head["published"]),
        )
        article.full_clean()
        article.save()
        article.categories.set(self.categories[path] for path in head["categories"])
        article.tags.set(self.tags[slug] for slug in head["tags"])
        self.articles[article.path] = article

    def make_editor(self):
        """Somebody for the history to name; nobody can sign in as them."""
        author = next(iter(self.authors.values()))
        first_name, _space, last_name = author.name.partition(" ")
        editor = get_user_model().objects.create_user(
            author.slug, first_name=first_name, last_name=last_name, is_staff=True
        )
        editor.groups.set(Group.objects.filter(name="Editors"))
        author.user = editor
        author.save(update_fields=["user"])
        return editor

    def make_comment(
        self, article, key, parent, name, email, url, body, submitted, status, decided_by, reason
    ):
        article = self.articles[article]
        submitted_at = datetime.fromisoformat(submitted)
        data = {
            "author": name,
            "email": email,
            "url": url,
            "comment": body,
            "body_html": sanitize(body),
            "subject": "",
            "revision": None,
        }
        parent = self.comments.get(parent)
        facts = gather(article=article, data=data, parent=parent, visitor=READER, now=submitted_at)
        verdict = judge(facts)
        comment = intake.as_comment(article, data, verdict, parent=parent, visitor=READER, now=submitted_at)
        comment.status = status
        by_editor = decided_by == "editor"
        intake.store(comment, verdict, first_status=Comment.Status.PENDING if by_editor else status)
        if by_editor:
            decision = Decision.objects.create(
                comment=comment,
                from_status=Comment.Status.PENDING,
                to_status=status,
                by=self.editor,
                reason=reason,
                decided_at=submitted_at + TIME_TO_DECIDE,
            )
            learning.teach([decision])
        self.comments[key] = comment
