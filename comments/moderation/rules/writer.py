"""Who writes: what is proved, what is typed, and what the form itself tells."""

import re
from functools import lru_cache

from ..addresses import BARE_HOST, host, path_depth, registrable
from ..reading import read_article, read_text
from ..text import fold, words
from ..types import Finding, Submission
from ..weights import Weights
from .phrases import number, quote


def known_commenter(submission: Submission, weights: Weights) -> Finding:
    """Weigh what the writer has behind them, where they have proved who they are."""
    if submission.is_staff:
        return weights.finding("known_commenter", "staff", "a member of the staff")
    record = submission.record
    if record is None:
        return weights.finding("known_commenter", "unknown", "the writer has proved nothing")
    detail = f"earlier comments: {record.approved} approved, {record.declined} declined"
    case = "good" if record.is_good else "bad" if record.is_bad else "mixed"
    return weights.finding("known_commenter", case, detail)


def sender(submission: Submission, weights: Weights) -> Finding:
    """Ask that the form came from this site.

    Foreign forms are refused before anything is judged, so the answer "yes" is no evidence; and where the
    browser says nothing, a person looks.
    """
    if submission.sender_verified:
        return weights.finding("sender", "here", "sent from this site’s own form")
    return Finding.not_evaluated("sender", "the browser did not say where the form was sent from")


def honeypot(submission: Submission, weights: Weights) -> Finding:
    """Look into the field that only a program fills in."""
    content = submission.honeypot.strip()
    if content:
        return weights.finding("honeypot", "filled", f"the hidden field was filled in with {quote(content)}")
    return weights.finding("honeypot", "empty", "the hidden field is empty")


def name(submission: Submission, weights: Weights) -> Finding:
    """Weigh what the name is: a person's, or an advertisement, an address, random letters."""
    typed = submission.author_name.strip()
    if not typed:
        return weights.finding("name", "none", "no name")
    shown = quote(typed)
    parts = re.findall(r"[^\W_]+", typed)
    if "://" in typed or "@" in typed or BARE_HOST.search(typed):
        return weights.finding("name", "address", f"the name {shown} is an address")
    if not parts:
        return weights.finding("name", "signs", f"the name {shown} has no letter")
    if any(looks_random(part) for part in parts):
        return weights.finding("name", "random", f"the name {shown} looks like random letters")
    if submission.background is None:
        return Finding.not_evaluated("name", "the table of common words could not be read")
    common = sum(
        submission.background.is_common(fold(part)) for part in parts if len(part) > 2 and not part.isdigit()
    )
    many = "3" if len(parts) >= 3 else "2" if len(parts) == 2 else "1"
    if common >= 2:
        return weights.finding("name", f"words_{min(common, 4)}", f"the name {shown} is made of common words")
    style = "lower" if typed == typed.lower() else "upper" if len(typed) > 3 and typed.isupper() else "title"
    detail = f"the name {shown}"
    if common:
        return weights.finding("name", f"word_{style}_{many}", f"{detail} holds a common word")
    if any(char.isdigit() for char in typed):
        return weights.finding("name", f"digits_{style}", f"{detail} holds digits")
    return weights.finding("name", f"{style}_{many}", detail)


def website(submission: Submission, weights: Weights) -> Finding:
    """Weigh the address that the writer wants the name to link to."""
    url = submission.author_url.strip()
    if not url:
        return weights.finding("website", "none", "no website")
    depth = path_depth(url)
    if "?" in url:
        return weights.finding("website", "query", "the website is a page with a query")
    if depth == 0:
        return weights.finding("website", "root", "the website is a site’s front page")
    case = "page" if depth == 1 else "deep"
    return weights.finding("website", case, f"the website is a page {number(depth, 'level')} deep")


def website_host(submission: Submission, weights: Weights) -> Finding:
    """Weigh how the website's name is built: keywords with hyphens, digits, length."""
    where = host(submission.author_url)
    if not where:
        return weights.finding("website_host", "none", "no website")
    label = registrable(where).partition(".")[0]
    if label.count("-") >= 2:
        case = "hyphens"
    elif "-" in label:
        case = "hyphen"
    elif any(char.isdigit() for char in label):
        case = "digits"
    else:
        case = "long" if len(label) > 16 else "middle" if len(label) > 9 else "short"
    return weights.finding("website_host", case, f"the website is at {quote(where)}")


def name_and_website(submission: Submission, weights: Weights) -> Finding:
    """Compare name and website: people name sites after themselves, advertisers themselves after sites."""
    where = host(submission.author_url)
    parts = [word for word in words(submission.author_name) if len(word) > 2]
    if not where or not parts:
        return weights.finding("name_and_website", "none", "no name or no website to compare")
    if submission.background is None:
        return Finding.not_evaluated("name_and_website", "the table of common words could not be read")
    shared = [word for word in parts if word in where]
    if not shared:
        return weights.finding("name_and_website", "apart", "the website is not named like the writer")
    keywords = [word for word in shared if submission.background.is_common(word)]
    if keywords:
        detail = f"{quote(keywords[0])} is in the name and in the website"
        return weights.finding("name_and_website", "keywords" if len(shared) > 1 else "keyword", detail)
    whole = "same" if len(shared) == len(parts) else "part"
    return weights.finding("name_and_website", whole, "the website is named like the writer")


def email(submission: Submission, weights: Weights) -> Finding:
    """Weigh the kind of email address: one that is thrown away after use speaks against."""
    if not submission.author_email.strip():
        return weights.finding("email", "none", "no email address")
    if submission.email_is_disposable is None:
        return Finding.not_evaluated("email", "the list of disposable addresses could not be read")
    if submission.email_is_disposable:
        return weights.finding("email", "disposable", "a disposable email address")
    where = host(submission.author_email)
    own = where and registrable(where) == registrable(host(submission.author_url))
    case = "own_domain" if own else "usual"
    return weights.finding(
        "email", case, "an email address at the website’s domain" if own else "an email address"
    )


def signature(submission: Submission, weights: Weights) -> Finding:
    """Look for an advertisement below the text: a last line of a few words that are no sentence."""
    lines = [line.strip() for line in read_text(submission.text).plain.splitlines() if line.strip()]
    last = lines[-1] if len(lines) > 1 else ""
    parts = words(last)
    if not 2 <= len(parts) <= 7 or last[-1] in ".!?:;,)}\"'":
        return weights.finding("signature", "none", "no line of a few words below the text")
    article = read_article(submission.article_title, submission.article_text or "")
    foreign = [word for word in parts if len(word) > 3 and word not in article.words]
    case = "foreign" if len(foreign) >= 2 else "familiar"
    return weights.finding("signature", case, f"the last line is {quote(last)}")


# "Strengths" has five in a row; German and English compounds that have more are few.
_NO_VOWEL = re.compile(r"[^aeiouy]{6}|^[^aeiouy]{5}$", re.IGNORECASE)


# The same words come in comment after comment.
@lru_cache(maxsize=10_000)
def looks_random(word: str) -> bool:
    """Tell random letters: capitals strewn in, or no vowel for long. In Latin letters only."""
    if not word.isascii() or not word.isalpha() or len(word) < 5 or word.isupper():
        return False
    rest = word[1:]
    # Nearly all words are in small letters but for the first, and to see that costs little.
    if not rest.islower() and sum(map(str.isupper, rest)) >= 2 and sum(map(str.islower, word)) >= 2:
        return True
    return bool(_NO_VOWEL.search(word))
