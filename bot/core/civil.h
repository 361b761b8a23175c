/* Dates and times of the Gregorian calendar in UTC, without a clock. */
#ifndef CORE_CIVIL_H
#define CORE_CIVIL_H

#include "core/str.h"

/* Days since 1970-01-01 (Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms"). */
int64_t civil_days(int64_t year, int month, int day);
/* "2026-01-31T12:00:00Z" (RFC 3339) in seconds since 1970-01-01; false for anything else, a 30th of February included. */
bool civil_parse(struct str text, int64_t *seconds);

#endif
