import re
from datetime import UTC, datetime

import html5lib
import pytest
from django.contrib.auth.models import Permission
from django.urls import reverse

from comments.admin.card import flip_in_words, gather, record_of_writer
from comments.admin.marks import marked, named_words
from comments.models import Comment, Commenter, CommentFinding
from comments.moderation.flips import what_would_flip
from comments.moderation.pipeline import RULES_VERSION
from comments.moderation.types import Finding
from tests.factories import make_article, make_comment, make_user

ATTACK = '"><script>alert(1)</script>'


@pytest.fixture
def article(db):
    return make_article(title="Spasms", path="spasms/", body="The back goes into spasm. " * 40)


def change_url(comment):
    return reverse("admin:comments_comment_change", args=[comment.pk])


def look_at(client, comment):
    return html5lib.parse(client.get(change_url(comment)).content.decode(), namespaceHTMLElements=False)


def text_of(element):
    return " ".join("".join(element.itertext()).split())


def part(page, name):
    """The part of the page that has a class."""
    return next(each for each in page.iter() if name in (each.get("class") or "").split())


def add_findings(comment, *findings):
    """Add findings, each given as rule, points, detail and, if it isn't so, whether it was evaluated."""
    for rule, points, detail, *evaluated in findings:
        comment.findings.create(
            rule=rule, points=points, detail=detail, evaluated=evaluated[0] if evaluated else True
        )


def found(rule, points, detail="", **more):
    return Finding(rule, float(points), detail or rule, **more)


# The verdict


def test_findings_stand_in_order_of_weight_with_their_points(client, ana, article):
    comment = make_comment(article, status="pending", spam_probability=0.8)
    add_findings(
        comment,
        ("length", 0, "12 words"),
        ("website", -2.4, "no website"),
        ("link_count", 5.2, "3 links"),
        ("lines", -0.4, "1 line"),
    )
    verdict = part(look_at(client, comment), "card-verdict")
    assert "80 % spam probably spam" in text_of(verdict)
    weighty, weightless = (each for each in verdict.iter("ul") if each.get("class") == "findings")
    listed = [text_of(line).replace(" ◆ the verdict hangs on it", "") for line in weighty]
    assert listed == ["+5 3 links link_count", "−2 no website website"]
    assert [text_of(line) for line in weightless] == ["0 1 line lines", "0 12 words length"]
    folded = verdict.find(".//details")
    assert text_of(folded.find("summary")) == "2 findings of 0 points"
    assert weightless in list(folded.iter())


def test_what_was_not_evaluated_is_listed_with_its_reason(client, ana, article):
    comment = make_comment(article, status="pending")
    add_findings(comment, ("sender", 0, "the browser did not say", False), ("length", 0, "12 words"))
    verdict = part(look_at(client, comment), "card-verdict")
    line = part(verdict, "not-evaluated")
    assert "Not evaluated" in text_of(verdict)
    assert "– the browser did not say sender" in text_of(line)
    assert text_of(verdict.find(".//details")) == "1 finding of 0 points 0 12 words length"


def test_page_says_what_would_flip_it_and_marks_those_findings(client, ana, article, settings):
    settings.COMMENTS_POLICY = "clean"
    comment = make_comment(article, status="pending")
    add_findings(comment, ("link_count", 5, "3 links"), ("lines", 2, "2 lines"), ("length", 0, "12 words"))
    page = look_at(client, comment)
    assert text_of(part(page, "card-flip")) == "Without “3 links” (+5) it would be published."
    assert [text_of(line) for line in page.iter("li") if "flips" in (line.get("class") or "")] == [
        "+5 3 links link_count ◆ the verdict hangs on it"
    ]


def test_comment_that_nobody_judged_has_no_probability(client, ana, article):
    verdict = part(look_at(client, make_comment(article)), "card-verdict")
    assert text_of(verdict) == "The verdict No rule has looked at this comment."


@pytest.mark.parametrize(
    ("version", "told"), [(0, None), (RULES_VERSION, None), (RULES_VERSION - 1, RULES_VERSION - 1)]
)
def test_older_rules_are_named(article, version, told):
    assert gather(make_comment(article, rules_version=version)).rules_version == told


KNOWN = found("known_commenter", -3, case="good")
CALM = found("length", 0)
LONG = "a detail that goes on and on, far beyond what anybody would want to read in a sentence"


@pytest.mark.parametrize(
    ("policy", "findings", "sentence"),
    [
        ("clean", [found("a", 5), CALM], "Without “a” (+5) it would be published."),
        ("known", [found("a", 8), KNOWN], "Without “a” (+8) it would be published."),
        ("known", [found("a", 5), CALM], "Without “a” (+5) only the site’s policy would hold it."),
        ("hold", [found("a", 8), KNOWN], "Without “a” (+8) only the site’s policy would hold it."),
        ("clean", [found("a", 40), CALM], "Without “a” (+40) it would be published."),
        ("known", [found("a", 30), found("b", 5)], "Without “a” (+30) it would be held for a person."),
        ("clean", [found("a", 15), found("b", 14), found("c", -4)], "Without “c” (−4) it would be spam."),
        ("clean", [found("a", 6), found("b", -6)], "Without “b” (−6) it would be held for a person."),
        (
            "known",
            [found("a", 6), found("b", -6)],
            "The findings let it pass; it is held by the site’s policy alone. "
            "Without “b” (−6) they would hold it too.",
        ),
        ("clean", [CALM], "Nothing would flip it: it does not hang on any finding."),
        ("clean", [], ""),
        (
            "clean",
            [Finding.not_evaluated("sender", "nobody said"), found("words", 5, "“tea” +5"), CALM],
            "Without “nobody said” (not evaluated) and what its words say (+5) it would be published.",
        ),
        (
            "clean",
            [found("quoting", 5, "the word “tea” in the text"), CALM],
            "Without “the word ‘tea’ in the text” (+5) it would be published.",
        ),
        (
            "clean",
            [found("long", 5, LONG), CALM],
            f"Without “{LONG[:59]}…” (+5) it would be published.",
        ),
        (
            "clean",
            [*(found(name, 9) for name in "abcdefg"), found("far", 12), CALM],
            "Without “far” (+12), “a” (+9), “b” (+9) and 2 more (marked ◆) it would be held for a person.",
        ),
    ],
)
def test_what_would_flip_it_is_a_sentence(policy, findings, sentence):
    assert flip_in_words(findings, what_would_flip(findings), policy=policy) == sentence


@pytest.mark.parametrize(
    ("case", "sentence"),
    [
        ("none", "Without “3 links” (+5) it would be published."),
        ("hold", "Without “the entry” (+1) and “3 links” (+5) it would be published."),
        ("spam", "Without “the entry” (+1) it would be held for a person."),
    ],
)
def test_order_of_the_blocklist_is_known_by_its_case(article, settings, case, sentence):
    settings.COMMENTS_POLICY = "clean"
    comment = make_comment(article)
    comment.findings.create(rule="blocklist", points=1, detail="the entry", case=case)
    comment.findings.create(rule="link_count", points=5, detail="3 links", case="three")
    comment.findings.create(rule="length", points=0, detail="12 words")
    assert gather(comment).flip == sentence


# The text


def test_named_words_speak_as_the_findings_do():
    findings = [
        CommentFinding(rule="words", points=9, detail="“Viagra” +7; “knees” -2; “dr (name)” +1; “tea” +0"),
        CommentFinding(rule="relevance", points=-4, detail="in common with the article: “heat”, “tea”"),
        CommentFinding(rule="praise", points=3, detail="words that fit any article: “great”, “knees”"),
        CommentFinding(rule="random_words", points=0.2, detail="“qwrtz” looks like random letters"),
        CommentFinding(rule="name", points=5, detail="the name “Ada”"),
    ]
    assert named_words(findings) == {
        "viagra": "against",
        "knees": "for",
        "dr (name)": "against",
        "tea": "",
        "heat": "for",
        "great": "against",
        "qwrtz": "",
    }


@pytest.mark.parametrize(
    ("shown", "word", "result"),
    [
        ("<p>Tea, tea!</p>", "tea", "<p>[Tea], [tea]!</p>"),
        ("<p>Teapot, steam, tea2</p>", "tea", "<p>Teapot, steam, tea2</p>"),
        ("<p>Cheap\n  pills</p>", "cheap pills", "<p>[Cheap\n  pills]</p>"),
        ("<p>cheap <b>pills</b></p>", "cheap pills", "<p>cheap <b>pills</b></p>"),
        ("<p>ｔｅａ and 𝐭𝐞𝐚</p>", "tea", "<p>[ｔｅａ] and [𝐭𝐞𝐚]</p>"),
        ("<p>t\u00ade\u00ada</p>", "tea", "<p>[t\u00ade\u00ada]</p>"),
        ("<p>cafe\u0301 café cafe</p>", "café", "<p>[cafe\u0301] [café] cafe</p>"),
        ("<p>STRASSE Straße</p>", "strasse", "<p>[STRASSE] [Straße]</p>"),
        ("<p>我喜欢绿茶。</p>", "绿茶", "<p>我喜欢[绿茶]。</p>"),
        ("<p>हिन्दी हिन्द</p>", "हिन्द", "<p>हिन्दी [हिन्द]</p>"),
        ("<p>a &lt;tea&gt; &amp;tea;</p>", "tea", "<p>a &lt;[tea]&gt; &amp;[tea];</p>"),
        ("<p>a &lt; b</p>", "lt", "<p>a &lt; b</p>"),
        ("<p>one<br>two</p>", "br", "<p>one<br>two</p>"),
        ("<p>p</p>", "p", "<p>[p]</p>"),
        ('<abbr title="tea &amp; &quot;more&quot;">tea</abbr>', "tea", None),
    ],
)
def test_word_is_marked_where_it_stands_whole(shown, word, result):
    html = marked(shown, {word: "against"})
    plain = html.replace('<mark class="against">', "[").replace("</mark>", "]")
    assert plain == (result or '<abbr title="tea &amp; &quot;more&quot;">[tea]</abbr>')


def test_longer_of_two_that_begin_together_is_marked():
    html = marked("<p>cheap pills</p>", {"cheap": "for", "pills": "for", "cheap pills": "against"})
    assert html == '<p><mark class="against">cheap pills</mark></p>'


def test_links_are_text_and_what_visitors_may_not_use_is_left_out():
    html = marked(
        '<p><a href="https://tea.example/" title="tea">tea</a><img src=x onerror=alert(1)>'
        '<b onclick="alert(1)">b</b><script>alert(1)</script></p>',
        {"tea": "for"},
    )
    assert html == '<p><span class="link"><mark class="for">tea</mark></span><b>b</b>alert(1)</p>'


def test_marks_stand_in_text_alone(client, ana, article):
    comment = make_comment(
        article,
        status="pending",
        body='Buy <abbr title="cheap pills">CP</abbr>, <a href="https://cheap.example/pills">cheap pills</a>'
        " and <b>pills</b>: https://cheap.example/pills",
    )
    add_findings(
        comment, ("words", 9, "“cheap” +4; “pills” +3; “href” +1; “title” +1; “span” +1; “class” +1")
    )
    page = look_at(client, comment)
    shown = part(page, "as-shown")
    assert [text_of(mark) for mark in shown.iter("mark")] == ["cheap", "pills", "pills", "cheap", "pills"]
    assert shown.find(".//abbr").get("title") == "cheap pills"
    assert not list(shown.iter("a"))
    assert not [value for each in page.iter() for value in each.attrib.values() if "mark" in value.split()]
    assert text_of(shown) == "Buy CP, cheap pills and pills: https://cheap.example/pills"


def test_addresses_are_listed_as_text_once_each_and_the_many_are_folded(client, ana, article):
    addresses = [f"https://tea{number}.example/?a=1&b=2" for number in range(9)]
    comment = make_comment(article, status="pending", body=" ".join(addresses + addresses))
    page = look_at(client, comment)
    lists = [each for each in page.iter("ul") if each.get("class") == "card-links"]
    assert [[text_of(line) for line in each] for each in lists] == [addresses[:6], addresses[6:]]
    targets = [each.get("href") or "" for each in page.iter("a")]
    assert not [target for target in targets if "tea" in target]


def test_text_as_typed_is_open_where_readers_see_something_else(client, ana, article):
    for body, is_open in [("As it was.\n\nTwice.", False), ("As <b>it</b> was.", True)]:
        page = look_at(client, make_comment(article, status="pending", body=body))
        typed = next(each for each in page.iter("details") if text_of(each.find("summary")) == "As typed")
        assert "".join(typed.find("pre").itertext()) == body
        assert (typed.get("open") is not None) is is_open


@pytest.mark.parametrize(
    "field", ["author_name", "author_email", "author_url", "body", "detail", "rule", "parent", "title"]
)
def test_whatever_strangers_write_is_shown_as_text(client, ana, article, field):
    if field == "title":
        article.title = ATTACK
        article.save()
    parent = make_comment(article, author_name=ATTACK, body=ATTACK) if field == "parent" else None
    written = {field: ATTACK} if field in {each.name for each in Comment._meta.fields} - {"parent"} else {}
    comment = make_comment(article, status="pending", parent=parent, **written)
    comment.findings.create(
        rule=ATTACK if field == "rule" else "words",
        points=9,
        detail=f"“script” +9; {ATTACK}" if field in ("detail", "body") else "“script” +9",
    )
    comment.findings.create(rule="sender", points=0, detail=ATTACK, evaluated=False)
    response = client.get(change_url(comment))
    page = response.content.decode()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)" in page
    card = part(html5lib.parse(page, namespaceHTMLElements=False), "card")
    assert not list(card.iter("script"))
    assert not [name for each in card.iter() for name in each.attrib if name.startswith("on")]


# Where, and by whom


def test_article_is_shown_by_its_title_its_opening_and_the_version_answered(client, ana, article):
    comment = make_comment(article, status="pending", revision=article.revisions.get())
    article.save()
    article.save()
    context = part(look_at(client, comment), "card-context")
    said = text_of(context)
    assert said.startswith(
        "In response to Spasms · answers version 1 of 3 The back goes into spasm. The back"
    )
    assert 250 < len(said.partition("of 3 ")[2]) <= 300
    assert said.endswith("…")


def test_parent_is_shown_with_its_text_and_status(client, ana, article):
    parent = make_comment(article, author_name="Mara", body="Try <b>heat</b>.\n\nIt helps.", status="trash")
    answer = make_comment(article, parent=parent, status="pending")
    shown = part(look_at(client, answer), "card-parent")
    assert text_of(shown) == "Answers Mara Trash Try heat. It helps."
    assert shown.find(".//a").get("href") == change_url(parent)


def write(article, *statuses, **fields):
    return [make_comment(article, status=status, **fields) for status in statuses]


def test_record_of_a_proven_writer_goes_by_the_key_not_by_the_address(client, ana, article):
    commenter = Commenter.objects.create(key="k" * 43)
    write(article, "approved", "approved", "spam", "trash", "pending", commenter=commenter)
    write(article, "approved", author_email="mara@example.org")
    comment = make_comment(article, status="pending", commenter=commenter, author_email="mara@example.org")
    record = record_of_writer(comment)
    assert (record.approved, record.declined, record.waiting) == (2, 2, 1)
    assert record.first_seen_at == commenter.first_seen_at
    said = text_of(part(look_at(client, comment), "card-record"))
    assert "2 approved 2 declined 1 waiting First seen" in said
    assert said.endswith("Proved by a key in the writer’s browser.")


def test_record_by_a_typed_address_says_that_it_proves_nothing(client, ana, article):
    first_at = datetime(2016, 5, 4, 12, tzinfo=UTC)
    write(article, "spam", author_email="mara@example.org", at=first_at)
    write(article, "approved", author_email="mara@example.org")
    comment = make_comment(article, status="pending", author_email="mara@example.org")
    assert record_of_writer(comment).first_seen_at == first_at
    said = text_of(part(look_at(client, comment), "card-record"))
    assert "1 approved 1 declined 0 waiting First seen May 4, 2016" in said
    assert said.endswith("By the email address: typed, not proved. Anybody can type it.")


def test_writer_without_other_comments_has_no_record(client, ana, article):
    said = text_of(part(look_at(client, make_comment(article, status="pending")), "card-record"))
    assert "None." in said
    assert "First seen" not in said


def test_writer_without_key_and_address_is_not_known_by_anything(client, ana, article):
    write(article, "approved", author_email="")
    comment = make_comment(article, status="pending", author_email="")
    assert record_of_writer(comment) is None
    said = text_of(part(look_at(client, comment), "card-record"))
    assert "there is nothing to know the writer by" in said


# What it costs, and who may see it


@pytest.mark.parametrize("others", [0, 20])
def test_page_costs_the_same_however_much_there_is(client, ana, article, django_assert_num_queries, others):
    commenter = Commenter.objects.create(key="k" * 43)
    write(article, *["approved"] * others, commenter=commenter)
    comment = make_comment(
        article,
        parent=make_comment(article),
        revision=article.revisions.get(),
        commenter=commenter,
        status="pending",
    )
    for number in range(others + 1):
        add_findings(comment, (f"rule{number}", number, "“reader” +2"))
        comment.decisions.create(from_status="pending", to_status="pending", by=ana)
    # A second look, so that nothing is noted for the first time.
    client.get(change_url(comment))
    with django_assert_num_queries(15):
        assert client.get(change_url(comment)).status_code == 200


@pytest.mark.parametrize("method", ["get", "post"])
def test_page_is_closed_to_staff_who_may_not_moderate(client, article, method):
    comment = make_comment(article, status="pending", author_name="Mara")
    client.force_login(make_user("ben", is_staff=True))
    response = getattr(client, method)(change_url(comment), {"_approve": "1"})
    assert response.status_code == 403
    assert "Mara" not in response.content.decode()


def test_looking_changes_nothing(client, ana, article):
    comment = make_comment(article, status="pending")
    client.get(change_url(comment), {"_approve": "1"})
    comment.refresh_from_db()
    assert comment.status == "pending"
    assert not comment.decisions.exists()


def test_page_asks_no_other_host_for_anything(client, ana, article):
    comment = make_comment(
        article, status="pending", body="See https://tea.example/", author_url="https://a.b/"
    )
    page = client.get(change_url(comment)).content.decode()
    assert not re.findall(r"""(?:src|href|action)=["'](?:https?:)?//""", page)


# Entries for the blocklist


def test_card_proposes_entries_to_whoever_keeps_the_blocklist(client, ana, article):
    comment = make_comment(article, author_url=f"https://pills.example/{ATTACK}", status="pending")
    assert "card-proposals" not in client.get(change_url(comment)).content.decode()
    ana.user_permissions.add(Permission.objects.get(codename="add_blocklistentry"))
    page = client.get(change_url(comment)).content.decode()
    links = part(look_at(client, comment), "card-proposals").findall(".//a")
    assert "Block the domain pills.example" in map(text_of, links)
    assert reverse("admin:comments_blocklistentry_add") in links[0].get("href")
    assert "<script>alert(1)" not in page
