"""How French times read here: as in print, “20 mars 2017 à 7 h 31”, with spaces that do not break."""

TIME_FORMAT = "G\u00a0\\h\u00a0i"
DATETIME_FORMAT = "j F Y \\à G\u00a0\\h\u00a0i"
