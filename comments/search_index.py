"""The index of comments' words, which the database itself keeps in step with the table.

It is a table beside that of the comments, of PostgreSQL's tsvector or of SQLite's FTS5, and triggers fill it;
so whatever writes a comment, its words are found. docs/decisions/0027-search-by-the-database.md says why.
A change of how words are made here needs a migration that installs the index anew.
"""

from django.core.exceptions import ImproperlyConfigured
from django.db import OperationalError, connections

FIELDS = ("author_name", "author_email", "author_url", "body")
TABLE = "comments_comment"
INDEX = "comments_search"
# Ids in one block: PostgreSQL finds the newest comments that have a frequent word block by block.
BLOCK_BITS = 14

# Scripts whose words touch: as in moderation.text, but without the punctuation that lies between.
TOUCHING = (
    (0x0E00, 0x0EFF),
    (0x1000, 0x1049),
    (0x1050, 0x109F),
    (0x1100, 0x11FF),
    (0x1780, 0x17D3),
    (0x17DB, 0x17FF),
    (0x2E80, 0x2FFF),
    (0x3005, 0x3007),
    (0x3021, 0x302F),
    (0x3031, 0x303C),
    (0x3041, 0x309F),
    (0x30A1, 0x30FA),
    (0x30FC, 0x31FF),
    (0x3400, 0x9FFF),
    (0xA960, 0xA97F),
    (0xA9E0, 0xA9FF),
    (0xAA60, 0xAA7F),
    (0xAC00, 0xD7FF),
    (0xF900, 0xFAFF),
    (0x1B000, 0x1B16F),
    (0x20000, 0x3FFFF),
)
# A class of signs as Python, SQLite and PostgreSQL write it.
SIGNS = "[" + "".join(f"{chr(first)}-{chr(last)}" for first, last in TOUCHING) + "]"

# What parts words, for PostgreSQL, whose own idea of it depends on the locale: ASCII and the punctuation,
# symbols and pictures of all scripts.
_PARTING = (
    (0x01, 0x2F),
    (0x3A, 0x40),
    (0x5B, 0x60),
    (0x7B, 0xA9),
    (0xAB, 0xB1),
    (0xB4, 0xB4),
    (0xB6, 0xB8),
    (0xBB, 0xBB),
    (0xBF, 0xBF),
    (0xD7, 0xD7),
    (0xF7, 0xF7),
    (0x0589, 0x058A),
    (0x05BE, 0x05BE),
    (0x05C0, 0x05C0),
    (0x05C3, 0x05C3),
    (0x05F3, 0x05F4),
    (0x0609, 0x060D),
    (0x061B, 0x061F),
    (0x066A, 0x066D),
    (0x06D4, 0x06D4),
    (0x0964, 0x0965),
    (0x104A, 0x104F),
    (0x17D4, 0x17DA),
    (0x2000, 0x206F),
    (0x20A0, 0x20CF),
    (0x2190, 0x245F),
    (0x2500, 0x2775),
    (0x2794, 0x2BFF),
    (0x2E00, 0x2E7F),
    (0x3000, 0x3004),
    (0x3008, 0x3020),
    (0x3030, 0x3030),
    (0x303D, 0x3040),
    (0x30A0, 0x30A0),
    (0x30FB, 0x30FB),
    (0xFE00, 0xFE1F),
    (0xFE30, 0xFE6F),
    (0xFF01, 0xFF0F),
    (0xFF1A, 0xFF20),
    (0xFF3B, 0xFF40),
    (0xFF5B, 0xFF65),
    (0xFFE0, 0xFFFF),
    (0x1F000, 0x1FAFF),
)


def install(connection):
    """Make the index anew, with the comments that are there.

    Raises ImproperlyConfigured where SQLite was built without its full-text search.
    """
    uninstall(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            for statement in _of_postgresql(cursor):
                cursor.execute(statement)
            return
        try:
            cursor.execute(_FTS5)
        except OperationalError as error:
            if "no such module" not in str(error):
                raise
            raise ImproperlyConfigured(
                "The SQLite of this Python was built without FTS5, which the search for comments needs. "
                "Use a Python whose SQLite has it, as those of python.org and of Debian do, or PostgreSQL."
            ) from error
        for statement in _FILL, _AFTER_INSERT, _AFTER_UPDATE, _AFTER_DELETE:
            cursor.execute(statement)


def uninstall(connection):
    """Take the index away, as far as it is there."""
    with connection.cursor() as cursor:
        for statement in _DROP_POSTGRESQL if connection.vendor == "postgresql" else _DROP_SQLITE:
            cursor.execute(statement)


def repair(*, using, **kwargs):
    """Install anew what a migration has taken away: SQLite drops triggers with a table that is remade.

    A receiver of Django's ``post_migrate``.
    """
    connection = connections[using]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM sqlite_master WHERE name LIKE %s", [f"{INDEX}%"])
        found = {name for (name,) in cursor.fetchall()}
    if INDEX in found and not found.issuperset(_TRIGGERS):
        install(connection)


def _class_of(ranges):
    return "[" + "".join(rf"\U{first:08x}-\U{last:08x}" for first, last in ranges) + "]"


def _of_postgresql(cursor):
    """Return the statements; the collation of ICU, where there is one, knows the capitals of every script."""
    cursor.execute("SELECT 1 FROM pg_collation WHERE collname = 'und-x-icu'")
    collation = '"und-x-icu"' if cursor.fetchone() else '"default"'
    sign = _class_of(TOUCHING)
    return [
        # Small letters without accents, and spaces between words.
        rf"""
        CREATE FUNCTION {INDEX}_folded(raw text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN regexp_replace(
            CASE WHEN raw ~ '[^\u0001-\u007f]' THEN normalize(regexp_replace(
                normalize(lower(raw COLLATE {collation}), NFD), '[\u0300-\u036f]+', '', 'g'
            ), NFC) ELSE lower(raw) END,
            '{_class_of(_PARTING)}+', ' ', 'g'
        )""",
        # A run of touching signs, ABC, becomes A AB BC C.
        rf"""
        CREATE FUNCTION {INDEX}_words(raw text) RETURNS text LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN CASE WHEN raw ~ '{sign}' THEN regexp_replace(
            regexp_replace({INDEX}_folded(raw), '({sign}+)', ' \1 ', 'g'), '({sign})', '\1 \1', 'g'
        ) ELSE {INDEX}_folded(raw) END""",
        rf"""
        CREATE FUNCTION {INDEX}_phrase(words text, is_open boolean) RETURNS tsquery
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN CASE
            WHEN is_open AND numnode(phraseto_tsquery('simple', {INDEX}_folded(words))) > 0
            THEN (phraseto_tsquery('simple', {INDEX}_folded(words))::text || ':*')::tsquery
            ELSE phraseto_tsquery('simple', {INDEX}_folded(words))
        END""",
        # The block stands among the words, where no word can be: with a sign that parts them.
        rf"""
        CREATE FUNCTION {INDEX}_vector(id bigint, raw text) RETURNS tsvector
        LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
        RETURN to_tsvector('simple', {INDEX}_words(raw))
            || array_to_tsvector(ARRAY['#' || (id >> {BLOCK_BITS})])""",
        f"CREATE TABLE {INDEX} (comment_id bigint PRIMARY KEY, words tsvector NOT NULL)",
        # Columns are named in the function alone: a trigger that names them forbids to change their type.
        rf"""
        CREATE FUNCTION {INDEX}_follow() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
        BEGIN
            IF TG_OP = 'TRUNCATE' THEN
                TRUNCATE {INDEX};
            ELSIF TG_OP <> 'UPDATE' OR (OLD.id, {_columns("OLD")}) <> (NEW.id, {_columns("NEW")}) THEN
                IF TG_OP <> 'INSERT' THEN
                    DELETE FROM {INDEX} WHERE comment_id = OLD.id;
                END IF;
                IF TG_OP <> 'DELETE' THEN
                    INSERT INTO {INDEX} VALUES (NEW.id, {INDEX}_vector(NEW.id, {_joined("NEW.")}));
                END IF;
            END IF;
            RETURN NULL;
        END $$""",  # noqa: S608
        f"CREATE TRIGGER {INDEX}_row AFTER INSERT OR UPDATE OR DELETE ON {TABLE} "
        f"FOR EACH ROW EXECUTE FUNCTION {INDEX}_follow()",
        f"CREATE TRIGGER {INDEX}_all AFTER TRUNCATE ON {TABLE} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {INDEX}_follow()",
        # After the triggers, which let writers wait from here on; so none comes between.
        f"INSERT INTO {INDEX} SELECT id, {INDEX}_vector(id, {_joined('')}) FROM {TABLE}",  # noqa: S608
        # Without a list of what waits to be sorted in, which every search would have to go through.
        f"CREATE INDEX {INDEX}_by_word ON {INDEX} USING gin (words) WITH (fastupdate = off)",
    ]


def _joined(row):
    return " || ' ' || ".join(f"{row}{field}" for field in FIELDS)


def _columns(row):
    return ", ".join(f"{row}.{field}" for field in FIELDS)


_DROP_POSTGRESQL = (
    f"DROP FUNCTION IF EXISTS {INDEX}_follow() CASCADE",
    f"DROP TABLE IF EXISTS {INDEX}",
    f"DROP FUNCTION IF EXISTS {INDEX}_vector(bigint, text)",
    f"DROP FUNCTION IF EXISTS {INDEX}_phrase(text, boolean)",
    f"DROP FUNCTION IF EXISTS {INDEX}_words(text)",
    f"DROP FUNCTION IF EXISTS {INDEX}_folded(text)",
)

# What parts words and is younger than SQLite's table of signs, which takes the unknown for letters.
_YOUNG = "".join(
    chr(point)
    for first, last in ((0x2000, 0x206F), (0x20A0, 0x20CF), (0x2E00, 0x2E7F), (0x1F000, 0x1FAFF))
    for point in range(first, last + 1)
)
# Without a copy of the texts; and without the lengths of texts, by which nobody sorts.
_FTS5 = f"""
CREATE VIRTUAL TABLE {INDEX} USING fts5(
    words, content = '', columnsize = 0, prefix = '3',
    tokenize = "unicode61 remove_diacritics 2 categories 'L* N* M* Co' separators '{_YOUNG}'"
)"""


def _words_of(row):
    """Return the SELECT of a row's id and words: touching signs ABC become A AB BC C.

    The signs are gone through one by one, in parts of 100 with a neighbour at either end, since SQLite
    counts characters from the beginning of a text.
    """
    return f"""
    SELECT id, CASE WHEN text NOT GLOB '*{SIGNS}*' THEN text ELSE (
        WITH RECURSIVE
        parts(start, part) AS (
            SELECT 1, substr(text, 1, 102)
            UNION ALL SELECT start + 100, substr(text, start + 100, 102) FROM parts WHERE length(part) = 102
        ),
        signs(start, part, here) AS (
            SELECT start, part, 2 FROM parts
            UNION ALL SELECT start, part, here + 1 FROM signs WHERE here < min(101, length(part) - 1)
        )
        SELECT group_concat(
            CASE WHEN sign NOT GLOB '{SIGNS}' THEN sign
            ELSE CASE WHEN before GLOB '{SIGNS}' THEN '' ELSE ' ' END || sign || ' ' || sign
                || CASE WHEN after GLOB '{SIGNS}' THEN '' ELSE ' ' END
            END, ''
        ) FROM (
            SELECT substr(part, here - 1, 1) AS before, substr(part, here, 1) AS sign,
                substr(part, here + 1, 1) AS after
            FROM signs WHERE here < length(part) ORDER BY start, here
        )
    ) END AS words FROM (SELECT {row}id AS id, ' ' || {_joined(row)} || ' ' AS text{{source}})"""  # noqa: S608


_FILL = f"INSERT INTO {INDEX} (rowid, words) {_words_of('').format(source=f' FROM {TABLE}')}"
_ADD = f"INSERT INTO {INDEX} (rowid, words) {_words_of('new.').format(source='')};"
_REMOVE = (
    f"INSERT INTO {INDEX} ({INDEX}, rowid, words) "  # noqa: S608
    f"SELECT 'delete', id, words FROM ({_words_of('old.').format(source='')});"
)
_CHANGED = " OR ".join(f"old.{field} IS NOT new.{field}" for field in FIELDS)
_AFTER_INSERT = f"CREATE TRIGGER {INDEX}_insert AFTER INSERT ON {TABLE} BEGIN {_ADD} END"
_AFTER_UPDATE = (
    f"CREATE TRIGGER {INDEX}_update AFTER UPDATE ON {TABLE} WHEN {_CHANGED} BEGIN {_REMOVE} {_ADD} END"
)
_AFTER_DELETE = f"CREATE TRIGGER {INDEX}_delete AFTER DELETE ON {TABLE} BEGIN {_REMOVE} END"
_TRIGGERS = {f"{INDEX}_insert", f"{INDEX}_update", f"{INDEX}_delete"}
_DROP_SQLITE = (
    *(f"DROP TRIGGER IF EXISTS {trigger}" for trigger in sorted(_TRIGGERS)),
    f"DROP TABLE IF EXISTS {INDEX}",
)
