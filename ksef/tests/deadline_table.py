"""Invoices issued outside KSeF, what was announced, and the day that follows.

A case: mode | moment of issue | day, `unknown` or `waived` | why; below it its events:
failure, total or work, with beginning and end (`-`: it lasts). Times are Polish, with Z
at the end UTC. The days were counted by hand on the calendar.
"""

CALENDAR = """
offline24 | 2026-03-09 10:00 | 2026-03-10 | Monday to Tuesday
offline24 | 2026-03-09 00:00 | 2026-03-10 | from the first moment of a day
offline24 | 2026-03-09 23:59 | 2026-03-10 | to its last
offline24 | 2026-03-13 10:00 | 2026-03-16 | Friday to Monday
offline24 | 2026-03-14 10:00 | 2026-03-16 | Saturday
offline24 | 2026-03-15 10:00 | 2026-03-16 | Sunday
offline24 | 2026-04-02 10:00 | 2026-04-03 | Good Friday is a working day
offline24 | 2026-04-03 10:00 | 2026-04-07 | over Easter
offline24 | 2026-04-06 10:00 | 2026-04-07 | on Easter Monday
offline24 | 2027-03-26 10:00 | 2027-03-30 | over Easter of 2027
offline24 | 2026-04-30 10:00 | 2026-05-04 | 1 and 3 May
offline24 | 2027-04-30 10:00 | 2027-05-04 | 3 May on a Monday
offline24 | 2026-05-22 10:00 | 2026-05-25 | Pentecost is a Sunday, Monday is none
offline24 | 2026-06-03 10:00 | 2026-06-05 | before Corpus Christi
offline24 | 2026-06-04 10:00 | 2026-06-05 | on Corpus Christi
offline24 | 2027-05-26 10:00 | 2027-05-28 | Corpus Christi of 2027
offline24 | 2026-08-14 10:00 | 2026-08-17 | 15 August on a Saturday
offline24 | 2025-08-14 10:00 | 2025-08-18 | 15 August on a Friday
offline24 | 2026-10-30 10:00 | 2026-11-02 | 1 November on a Sunday
offline24 | 2026-11-10 10:00 | 2026-11-12 | 11 November
offline24 | 2024-12-23 10:00 | 2024-12-24 | Christmas Eve was a working day
offline24 | 2025-12-23 10:00 | 2025-12-29 | it is none since 2025
offline24 | 2026-12-23 10:00 | 2026-12-28 | over Christmas
offline24 | 2026-12-24 10:00 | 2026-12-28 | on Christmas Eve
offline24 | 2025-12-31 10:00 | 2026-01-02 | New Year
offline24 | 2026-12-31 10:00 | 2027-01-04 | New Year on a Friday
offline24 | 2026-01-05 10:00 | 2026-01-07 | 6 January
offline24 | 2026-03-09 23:30Z | 2026-03-11 | after midnight in Poland, winter
offline24 | 2026-06-30 22:30Z | 2026-07-02 | after midnight in Poland, summer
offline24 | 2026-03-09 22:30Z | 2026-03-10 | before midnight in Poland
"""

OFFLINE24 = """
offline24 | 2025-07-08 10:00 | 2025-07-22 | the ministry's own example
    failure 2025-07-09 09:00 2025-07-12 15:00
offline24 | 2026-03-09 10:00 | 2026-03-18 | on the day of issue
    failure 2026-03-09 12:00 2026-03-09 18:00
offline24 | 2026-03-09 10:00 | 2026-03-18 | lasts at the issue
    failure 2026-03-08 12:00 2026-03-09 18:00
offline24 | 2026-03-09 10:00 | 2026-03-10 | over at the issue
    failure 2026-03-09 06:00 2026-03-09 10:00
offline24 | 2026-03-09 00:00 | 2026-03-10 | over on the day before
    failure 2026-03-08 12:00 2026-03-08 23:59
offline24 | 2026-03-09 10:00 | 2026-03-20 | in the last minute of the term
    failure 2026-03-10 23:59 2026-03-11 12:00
offline24 | 2026-03-09 10:00 | 2026-03-20 | that minute in UTC
    failure 2026-03-10 22:59Z 2026-03-11 12:00
offline24 | 2026-03-09 10:00 | 2026-03-10 | a minute later
    failure 2026-03-11 00:00 2026-03-11 12:00
offline24 | 2026-03-09 10:00 | 2026-03-10 | that one in UTC
    failure 2026-03-10 23:00Z 2026-03-11 12:00
offline24 | 2026-03-09 10:00 | 2026-03-23 | ends after midnight in Poland
    failure 2026-03-10 08:00 2026-03-11 23:30Z
offline24 | 2026-03-09 10:00 | unknown | the failure lasts
    failure 2026-03-10 08:00 -
offline24 | 2026-03-09 10:00 | 2026-03-10 | too late to matter
    failure 2026-03-12 08:00 -
offline24 | 2026-03-13 10:00 | 2026-03-24 | on the Saturday between
    failure 2026-03-14 08:00 2026-03-14 12:00
offline24 | 2026-03-09 10:00 | 2026-03-10 | planned work extends nothing
    work 2026-03-10 00:00 2026-03-12 00:00
offline24 | 2026-03-09 10:00 | 2026-03-10 | nor does it at the issue
    work 2026-03-09 08:00 2026-03-12 00:00
offline24 | 2026-03-09 10:00 | 2026-03-10 | nor without an end
    work 2026-03-10 00:00 -
offline24 | 2026-03-31 10:00 | 2026-04-15 | seven days around Easter
    failure 2026-04-01 08:00 2026-04-04 08:00
offline24 | 2026-05-28 10:00 | 2026-06-10 | over Corpus Christi
    failure 2026-05-29 08:00 2026-05-29 20:00
offline24 | 2026-11-09 10:00 | 2026-11-20 | over 11 November
    failure 2026-11-10 08:00 2026-11-10 20:00
offline24 | 2026-04-27 10:00 | 2026-05-08 | over 1 May
    failure 2026-04-28 08:00 2026-04-28 20:00
offline24 | 2024-12-23 10:00 | 2025-01-07 | with the old Christmas Eve
    failure 2024-12-23 12:00 2024-12-23 20:00
offline24 | 2025-12-22 10:00 | 2026-01-08 | with the new one
    failure 2025-12-22 12:00 2025-12-23 20:00
"""

SEVERAL = """
offline24 | 2026-03-09 10:00 | 2026-04-01 | on the last day a further one
    failure 2026-03-10 08:00 2026-03-11 08:00
    failure 2026-03-20 08:00 2026-03-23 08:00
offline24 | 2026-03-09 10:00 | 2026-03-20 | a day later
    failure 2026-03-10 08:00 2026-03-11 08:00
    failure 2026-03-21 08:00 2026-03-23 08:00
offline24 | 2026-03-09 10:00 | 2026-04-10 | each in the term of the former
    failure 2026-03-10 08:00 2026-03-11 08:00
    failure 2026-03-18 08:00 2026-03-19 08:00
    failure 2026-03-30 08:00 2026-03-31 08:00
offline24 | 2026-03-09 10:00 | 2026-04-10 | the same, told in disorder
    failure 2026-03-30 08:00 2026-03-31 08:00
    failure 2026-03-10 08:00 2026-03-11 08:00
    failure 2026-03-18 08:00 2026-03-19 08:00
offline24 | 2026-03-09 10:00 | 2026-03-20 | the same, one link missing
    failure 2026-03-10 08:00 2026-03-11 08:00
    failure 2026-03-30 08:00 2026-03-31 08:00
offline24 | 2026-03-09 10:00 | 2026-03-25 | overlapping
    failure 2026-03-10 08:00 2026-03-12 08:00
    failure 2026-03-11 08:00 2026-03-16 08:00
offline24 | 2026-03-09 10:00 | 2026-03-25 | one within the other
    failure 2026-03-10 08:00 2026-03-16 08:00
    failure 2026-03-11 08:00 2026-03-12 08:00
offline24 | 2026-03-09 10:00 | 2026-03-20 | one told twice
    failure 2026-03-10 08:00 2026-03-11 08:00
    failure 2026-03-10 08:00 2026-03-11 08:00
offline24 | 2026-03-09 10:00 | unknown | the further one lasts
    failure 2026-03-10 08:00 2026-03-11 08:00
    failure 2026-03-19 08:00 -
offline24 | 2026-03-09 10:00 | unknown | the first one lasts
    failure 2026-03-10 08:00 -
    failure 2026-03-11 08:00 2026-03-12 08:00
offline24 | 2026-03-09 10:00 | 2026-03-20 | planned work on the last day
    failure 2026-03-10 08:00 2026-03-11 08:00
    work 2026-03-20 00:00 2026-03-22 00:00
offline24 | 2026-03-09 10:00 | 2026-03-10 | planned work is no bridge
    failure 2026-03-12 08:00 2026-03-13 08:00
    work 2026-03-10 00:00 2026-03-12 12:00
"""

EMERGENCY = """
emergency | 2026-03-09 10:00 | 2026-03-18 | the day of the end is not counted
    failure 2026-03-09 08:00 2026-03-09 18:00
emergency | 2026-03-09 10:00 | 2026-03-24 | ended on a Saturday
    failure 2026-03-09 10:00 2026-03-14 18:00
emergency | 2026-03-09 10:00 | unknown | it lasts
    failure 2026-03-09 08:00 -
emergency | 2026-03-09 10:00 | 2026-03-30 | a further one on the seventh day
    failure 2026-03-09 08:00 2026-03-09 18:00
    failure 2026-03-18 20:00 2026-03-19 18:00
emergency | 2026-03-09 10:00 | 2026-03-18 | a further one on the eighth
    failure 2026-03-09 08:00 2026-03-09 18:00
    failure 2026-03-19 08:00 2026-03-19 18:00
emergency | 2026-03-09 10:00 | 2026-03-25 | overlapping
    failure 2026-03-09 08:00 2026-03-11 18:00
    failure 2026-03-10 08:00 2026-03-16 18:00
emergency | 2026-03-09 10:00 | 2026-03-18 | planned work in the seven days
    work 2026-03-12 08:00 2026-03-20 18:00
    failure 2026-03-09 08:00 2026-03-09 18:00
emergency | 2026-03-09 10:00 | 2026-03-10 | no failure known: as offline24
emergency | 2026-03-09 10:00 | 2026-03-10 | issued after its end
    failure 2026-03-09 06:00 2026-03-09 09:00
emergency | 2026-12-22 10:00 | 2027-01-07 | over the year's end
    failure 2026-12-22 08:00 2026-12-23 18:00
"""

OFFLINE = """
offline | 2026-03-09 10:00 | 2026-03-10 | ended on the same day
    work 2026-03-09 08:00 2026-03-09 20:00
offline | 2026-03-14 10:00 | 2026-03-16 | ended on a Sunday
    work 2026-03-13 20:00 2026-03-15 20:00
offline | 2026-03-14 10:00 | 2026-03-17 | ended on a Monday
    work 2026-03-13 20:00 2026-03-16 06:00
offline | 2026-04-04 10:00 | 2026-04-07 | at Easter
    work 2026-04-04 08:00 2026-04-05 20:00
offline | 2026-12-23 10:00 | 2026-12-28 | before Christmas
    work 2026-12-23 08:00 2026-12-23 20:00
offline | 2026-12-31 10:00 | 2027-01-04 | over the year's end
    work 2026-12-31 08:00 2027-01-01 20:00
offline | 2026-03-09 10:00 | 2026-03-12 | ended after midnight in Poland
    work 2026-03-09 08:00 2026-03-10 23:30Z
offline | 2026-03-09 10:00 | unknown | it lasts
    work 2026-03-09 08:00 -
offline | 2026-03-09 10:00 | 2026-03-10 | none known: as offline24
offline | 2026-03-09 10:00 | 2026-03-10 | issued before it
    work 2026-03-09 11:00 2026-03-12 20:00
offline | 2026-03-09 10:00 | 2026-03-11 | prolonged without a gap
    work 2026-03-09 20:00 2026-03-10 06:00
    work 2026-03-09 08:00 2026-03-09 20:00
offline | 2026-03-09 10:00 | unknown | prolonged, no end known
    work 2026-03-09 08:00 2026-03-09 20:00
    work 2026-03-09 19:00 -
offline | 2026-03-09 10:00 | 2026-03-12 | shorter work within longer
    work 2026-03-09 08:00 2026-03-11 20:00
    work 2026-03-10 08:00 2026-03-10 12:00
offline | 2026-03-09 10:00 | 2026-03-10 | another one after a gap
    work 2026-03-09 08:00 2026-03-09 20:00
    work 2026-03-09 21:00 2026-03-11 06:00
offline | 2026-03-09 10:00 | 2026-03-20 | a failure on the last day
    work 2026-03-09 08:00 2026-03-09 20:00
    failure 2026-03-10 08:00 2026-03-11 08:00
offline | 2026-03-09 10:00 | 2026-03-10 | a failure a day later
    work 2026-03-09 08:00 2026-03-09 20:00
    failure 2026-03-11 08:00 2026-03-11 09:00
offline | 2026-03-09 10:00 | 2026-03-18 | the work ends in a failure
    work 2026-03-09 08:00 2026-03-09 20:00
    failure 2026-03-09 18:00 2026-03-09 23:00
offline | 2026-03-09 10:00 | 2026-03-10 | a failure over before the work is
    work 2026-03-09 08:00 2026-03-09 20:00
    failure 2026-03-09 12:00 2026-03-09 13:00
offline | 2026-03-09 10:00 | 2026-03-30 | the same in long work
    work 2026-03-09 08:00 2026-03-27 20:00
    failure 2026-03-08 08:00 2026-03-11 09:00
offline | 2026-03-09 10:00 | unknown | the failure lasts
    work 2026-03-09 08:00 2026-03-09 20:00
    failure 2026-03-09 18:00 -
offline | 2026-03-09 10:00 | unknown | the work lasts beyond a failure
    work 2026-03-09 08:00 -
    failure 2026-03-10 08:00 2026-03-11 08:00
offline | 2026-03-09 10:00 | 2026-04-01 | and a further failure
    work 2026-03-09 08:00 2026-03-09 20:00
    failure 2026-03-10 08:00 2026-03-11 08:00
    failure 2026-03-20 08:00 2026-03-23 08:00
"""

TOTAL = """
offline24 | 2026-03-09 10:00 | waived | on the day of issue
    total 2026-03-09 12:00 2026-03-09 18:00
offline24 | 2026-03-09 10:00 | waived | lasts at the issue
    total 2026-03-08 12:00 -
offline24 | 2026-03-09 10:00 | 2026-03-10 | over at the issue
    total 2026-03-08 12:00 2026-03-09 09:00
offline24 | 2026-03-09 10:00 | waived | in the last minute of the term
    total 2026-03-10 23:59 -
offline24 | 2026-03-09 10:00 | 2026-03-10 | a minute later
    total 2026-03-11 00:00 -
offline24 | 2026-03-09 10:00 | waived | in the term after a failure
    failure 2026-03-10 08:00 2026-03-11 08:00
    total 2026-03-20 08:00 -
offline24 | 2026-03-09 10:00 | 2026-03-20 | after that term
    failure 2026-03-10 08:00 2026-03-11 08:00
    total 2026-03-21 08:00 -
offline24 | 2026-03-09 10:00 | waived | a failure becomes total
    total 2026-03-12 08:00 -
    failure 2026-03-10 08:00 -
offline24 | 2026-03-09 10:00 | 2026-03-10 | both too late
    failure 2026-03-12 08:00 2026-03-20 08:00
    total 2026-03-13 08:00 -
emergency | 2026-03-09 10:00 | waived | while the failure lasts
    failure 2026-03-09 08:00 2026-03-09 18:00
    total 2026-03-09 12:00 2026-03-09 13:00
emergency | 2026-03-09 10:00 | waived | on the seventh day
    failure 2026-03-09 08:00 2026-03-09 18:00
    total 2026-03-18 12:00 -
emergency | 2026-03-09 10:00 | 2026-03-18 | on the eighth
    failure 2026-03-09 08:00 2026-03-09 18:00
    total 2026-03-19 12:00 -
emergency | 2026-03-09 10:00 | 2026-03-18 | before the issue
    failure 2026-03-09 08:00 2026-03-09 18:00
    total 2026-03-09 08:30 2026-03-09 09:30
offline | 2026-03-09 10:00 | waived | while the work lasts
    work 2026-03-09 08:00 2026-03-09 20:00
    total 2026-03-09 12:00 2026-03-09 13:00
offline | 2026-03-09 10:00 | waived | the work has no end
    work 2026-03-09 08:00 -
    total 2026-03-20 12:00 -
offline | 2026-03-09 10:00 | waived | in the term
    work 2026-03-09 08:00 2026-03-09 20:00
    total 2026-03-10 12:00 -
offline | 2026-03-09 10:00 | 2026-03-10 | after it
    work 2026-03-09 08:00 2026-03-09 20:00
    total 2026-03-11 12:00 -
"""

PARTS = {
    "calendar": CALENDAR,
    "offline24": OFFLINE24,
    "several": SEVERAL,
    "emergency": EMERGENCY,
    "offline": OFFLINE,
    "total": TOTAL,
}
