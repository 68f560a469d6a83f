"""Many small rows at once: what is stored beside a comment, with each comment."""

from django.db import connection


def insert(model, fields, rows):
    """Insert rows by one statement; return nothing.

    ``fields``: attribute names of the model, ``rows``: their values, as the database takes them. Django's
    ``bulk_create`` makes an object of each row and asks each field for each value, which takes several times
    as long as to store them. No signals are sent, and nothing is checked but by the database.
    """
    rows = list(rows)
    if not rows:
        return
    quote = connection.ops.quote_name
    columns = {field.attname: field.column for field in model._meta.concrete_fields}
    names = ", ".join(quote(columns[field]) for field in fields)
    values = f"({', '.join(['%s'] * len(fields))})"
    sql = f"INSERT INTO {quote(model._meta.db_table)} ({names}) VALUES {', '.join([values] * len(rows))}"  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(sql, [value for row in rows for value in row])
