#include "core/civil.h"

int64_t civil_days(int64_t year, int month, int day) {
    year -= month <= 2;
    int64_t era = (year >= 0 ? year : year - 399) / 400;
    int64_t year_of_era = year - era * 400;
    int64_t day_of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719468;
}

bool civil_parse(struct str text, int64_t *seconds) {
    static const struct str form = STR_INIT("0000-00-00T00:00:00Z"); /* a 0 stands for a digit */
    int64_t parts[6] = {0};
    unsigned part = 0;
    if (text.len != form.len)
        return false;
    for (size_t i = 0; i < form.len; i++) {
        char c = text.ptr[i];
        if (form.ptr[i] != '0') {
            part++;
            if (c != form.ptr[i])
                return false;
            continue;
        }
        if (c < '0' || c > '9')
            return false;
        parts[part] = parts[part] * 10 + (c - '0');
    }
    int64_t year = parts[0];
    int month = (int)parts[1], day = (int)parts[2];
    if (month < 1 || month > 12 || day < 1 || parts[3] > 23 || parts[4] > 59 || parts[5] > 59)
        return false;
    int64_t next_month = civil_days(month == 12 ? year + 1 : year, month % 12 + 1, 1);
    int64_t days = civil_days(year, month, day);
    if (days >= next_month)
        return false;
    *seconds = ((days * 24 + parts[3]) * 60 + parts[4]) * 60 + parts[5];
    return true;
}
