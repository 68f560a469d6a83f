"""The public pages, in one list: what is promised of every page is tried on each of these.

Addresses are those of the demonstration content. Whoever adds a kind of page adds a line here, and it is
parsed, validated, walked by keyboard and looked at by axe. Pages that answer to a form stand in
tests/test_pages.py and tests/test_reading_room.py, where the forms are sent.
"""

# With fifty comments on the page, and more on the next.
THREAD = "/2021/01/bread-by-feel/"

PAGES = {
    "home": "/",
    "older articles": "/page/2/",
    "article": "/2017/03/home-treatment-for-back-spasms/",
    "article with a table": "/counting-to-sixty-six/",
    "right-to-left article": "/2025/02/slow-translation/",
    "japanese article": "/2026/04/measuring-by-steps/",
    "thread": THREAD,
    "later comments": f"{THREAD}comment-page-2/",
    "category": "/category/health/",
    "category below": "/category/health/back-pain/",
    "tag": "/tag/walking/",
    "author": "/author/maryam-khoury/",
    "every element of an article": "/2019/02/a-sheet-from-the-specimen-drawer/",
    "search": "/search/",
    "search with an answer": "/search/?q=bread+%3Cb%3E+back&category=health&year=2017",
    "archive": "/archive/",
    "year": "/2021/",
    "month": "/2021/01/",
    "about": "/about/",
    "colophon": "/colophon/",
    "accessibility": "/accessibility/",
    "data": "/comments/data/",
    "404": "/nothing/here/",
    "404 with suggestions": "/2021/bread-by-fel/",
}
