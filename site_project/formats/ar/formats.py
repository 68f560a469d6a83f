"""What Django leaves in English order for Arabic: date and time together, and numbers in groups."""

DATETIME_FORMAT = "j F، Y، g:i A"
NUMBER_GROUPING = 3
