/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/moment.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"

#define SECOND_MS 1000

gint64
moment_now(void)
{
    return g_get_real_time() / 1000;
}

/* Units of a time back, and how many seconds they have. */
static const struct {
    const char *name;
    gint64 seconds;
} units[] = {
    {"s", 1}, {"min", 60}, {"h", 3600}, {"d", 86400}, {"w", 604800},
};

static gboolean
parse_back(const char *text, gint64 *moment)
{
    char *end = NULL;
    guint64 number = g_ascii_strtoull(text, &end, 10);

    if (!g_ascii_isdigit(*text) || number > G_MAXINT32)
        return FALSE;
    while (*end == ' ')
        end++;
    for (gsize i = 0; i < G_N_ELEMENTS(units); i++) {
        if (strcmp(end, units[i].name) == 0) {
            *moment = moment_now() - (gint64)number * units[i].seconds * SECOND_MS;
            return TRUE;
        }
    }
    return FALSE;
}

static gboolean
parse_day(const char *text, gint64 *moment)
{
    g_autoptr(GDateTime) now = g_date_time_new_now_local();
    g_autoptr(GDateTime) day = NULL;
    g_autoptr(GDateTime) midnight = NULL;

    if (strcmp(text, "today") == 0)
        day = g_date_time_ref(now);
    else if (strcmp(text, "yesterday") == 0)
        day = g_date_time_add_days(now, -1);
    else
        return FALSE;
    midnight = g_date_time_new_local(g_date_time_get_year(day), g_date_time_get_month(day),
                                     g_date_time_get_day_of_month(day), 0, 0, 0);
    if (!midnight)
        return FALSE;
    *moment = g_date_time_to_unix(midnight) * SECOND_MS;
    return TRUE;
}

static gboolean
parse_date(const char *text, gint64 *moment)
{
    g_autoptr(GRegex) form =
        g_regex_new("^(\\d{4}-\\d\\d-\\d\\d)(?:[ T](\\d\\d:\\d\\d)(:\\d\\d)?)?$",
                    G_REGEX_DOLLAR_ENDONLY, 0, NULL);
    g_autoptr(GMatchInfo) found = NULL;
    g_autoptr(GTimeZone) here = g_time_zone_new_local();
    g_autoptr(GDateTime) date = NULL;
    g_autofree char *day = NULL;
    g_autofree char *minute = NULL;
    g_autofree char *second = NULL;
    g_autofree char *whole = NULL;

    if (!g_regex_match(form, text, 0, &found))
        return FALSE;
    day = g_match_info_fetch(found, 1);
    minute = g_match_info_fetch(found, 2);
    second = g_match_info_fetch(found, 3);
    whole = g_strdup_printf("%sT%s%s", day, minute && *minute ? minute : "00:00",
                            second && *second ? second : ":00");
    date = g_date_time_new_from_iso8601(whole, here);
    if (!date)
        return FALSE;
    *moment = g_date_time_to_unix(date) * SECOND_MS;
    return TRUE;
}

gboolean
moment_parse(const char *text, gint64 *moment, GError **error)
{
    if (parse_back(text, moment) || parse_day(text, moment) || parse_date(text, moment))
        return TRUE;
    return base_set_error(
        error, BASE_ERROR_FAILED,
        _("'%s' is no time: write \"2026-01-31 13:45\", \"today\", \"yesterday\", "
          "or how long ago, as in \"2h\" or \"30min\""),
        text);
}

/* (transfer full): an impossible time as the first one */
static GDateTime *
date_of(gint64 moment)
{
    GDateTime *date = g_date_time_new_from_unix_utc(moment / SECOND_MS);

    if (!date)
        date = g_date_time_new_from_unix_utc(0);
    return date;
}

char *
moment_text(gint64 moment)
{
    g_autoptr(GDateTime) utc = date_of(moment);
    g_autoptr(GDateTime) local = g_date_time_to_local(utc);

    return g_date_time_format(local, "%Y-%m-%d %H:%M:%S");
}

void
moment_add_json(JsonBuilder *builder, const char *name, gint64 moment)
{
    g_autoptr(GDateTime) utc = date_of(moment);
    g_autofree char *text = g_date_time_format(utc, "%Y-%m-%dT%H:%M:%SZ");

    json_builder_set_member_name(builder, name);
    json_builder_add_string_value(builder, text);
}
