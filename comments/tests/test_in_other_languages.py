"""Sentences that are put together: whole and in order in each language, with its signs and numbers."""

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone, translation

from articles.models import Article
from comments import batches
from comments.admin import card
from comments.admin.campaigns import in_short
from comments.models import Batch, InvalidTransition
from comments.moderation.flips import what_would_flip
from comments.moderation.pipeline import SHIPPED
from comments.moderation.types import Finding
from tests.factories import make_article, make_comment, make_user


class Alike:
    def __init__(self, others, published):
        self.others, self.published = others, published


@pytest.mark.parametrize(
    ("language", "others", "published", "words"),
    [
        ("en", 39, 3, "39 like this, 3 published"),
        ("en", 39, 0, "39 like this"),
        ("fr", 1, 1, "1 semblable, dont 1 publié"),
        ("fr", 39, 3, "39 semblables, dont 3 publiés"),
        ("ar", 3, 0, "3 تعليقات مثله"),
        ("ar", 39, 3, "39 تعليقًا مثله، المنشور منها: 3"),
        ("ja", 39, 3, "類似コメント39件、うち公開済み3件"),
    ],
)
def test_what_is_alike(language, others, published, words):
    with translation.override(language):
        assert in_short(Alike(others, published)) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "1 has been deleted; 1 stays as it is: Moved."),
        ("fr", "1 supprimé\u00a0; 1 laissé tel quel\u00a0: Moved."),
        ("ja", "1件は削除されています。1件は変更していません: Moved。"),
    ],
)
def test_why_comments_were_left_alone(language, words):
    left = [batches.LeftAlone(1, "", is_deleted=True), batches.LeftAlone(2, "Moved.")]
    with translation.override(language):
        assert batches.reasons(left, reader=None, now=timezone.now()) == words


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("en", "“3 links” (+5), “shouting” (+4) and “an emoji” (+3)"),
        ("de", "„3 links“ (+5), „shouting“ (+4) und „an emoji“ (+3)"),
        ("ja", "「3 links」（+5）、「shouting」（+4）と「an emoji」（+3）"),
    ],
)
def test_findings_in_a_sentence(language, words):
    findings = [
        Finding("links", 5, "3 links"),
        Finding("caps", 4, "shouting"),
        Finding("emoji", 3, "an emoji"),
    ]
    with translation.override(language):
        assert card._named(findings) == words


def test_a_comment_held_by_policy_alone_is_told_in_one_language():
    findings = [Finding("links", -20, "no links"), Finding("caps", 4, "shouting")]
    flip = what_would_flip(findings, thresholds=SHIPPED)
    with translation.override("de"):
        words = card.flip_in_words(findings, flip, policy="all")
    assert words.endswith("Ohne „no links“ (−20) würden auch sie ihn zurückhalten.")


@pytest.mark.django_db
def test_numbers_are_grouped_as_the_language_does():
    with translation.override("de"):
        with pytest.raises(batches.BatchRefused, match=r"10\.000"):
            batches.apply(Batch.Move.APPROVE, dict.fromkeys(range(10_001)), by=None, now=timezone.now())
        with pytest.raises(ValidationError, match=r"200\.001"):
            Article(title="a", body="x" * 200_001).clean()


@pytest.mark.django_db
def test_who_was_quicker_is_told_with_day_and_time():
    comment = make_comment(make_article(), status="pending")
    comment.approve(by=make_user("ana"))
    comment.status = "pending"
    with (
        translation.override("de"),
        pytest.raises(InvalidTransition, match=r"seit dem \d+\. \w+ \d{4} um \d+:\d\d Uhr"),
    ):
        comment.mark_spam(by=make_user("ben"))
