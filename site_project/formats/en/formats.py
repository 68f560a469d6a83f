"""How English dates read here: in full, as on a printed page, “March 20, 2017” and “7:31 a.m.”."""

DATE_FORMAT = "F j, Y"
TIME_FORMAT = "g:i a"
DATETIME_FORMAT = "F j, Y, g:i a"
