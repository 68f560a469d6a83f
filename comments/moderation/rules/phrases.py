"""Short English phrases for editors, made alike by all rules."""

# Characters of a visitor's text shown in a detail.
QUOTE_LENGTH = 40


def number(count: int, singular: str, plural: str = "") -> str:
    """Count in words that agree: "no links", "1 link", "2 links"."""
    word = singular if count == 1 else plural or f"{singular}s"
    return f"{count or 'no'} {word}"


def quote(text: str) -> str:
    """Quote a text in one short line, without characters that hide or turn what follows."""
    printable = "".join(char if char.isprintable() else " " for char in text[: 10 * QUOTE_LENGTH])
    line = " ".join(printable.split())
    if len(line) > QUOTE_LENGTH:
        line = f"{line[: QUOTE_LENGTH - 1]}…"
    return f"“{line}”"
