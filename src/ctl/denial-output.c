/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* Denials as text for a person, and as JSON. */

#include <glib/gi18n-lib.h>
#include <string.h>

#include "ctl/denial.h"
#include "ctl/json-members.h"
#include "ctl/moment.h"
#include "ctl/words.h"

/* (transfer full): whose it is, as a heading */
static char *
heading(const Denial *denial)
{
    const char *domain = denial->domain ? denial->domain : _("(not defined)");

    switch (denial->role) {
    case ROLE_QEMU:
        return g_strdup_printf(_("%s: QEMU (%s)"), domain, denial->profile);
    case ROLE_QEMU_CHILD:
        return g_strdup_printf(_("%s: a program of QEMU's (%s)"), domain, denial->profile);
    case ROLE_VIRTIOFSD:
        return g_strdup_printf(_("%s: virtiofsd (%s)"), domain, denial->profile);
    case ROLE_LAUNCHER:
    case ROLE_HELPER:
    case ROLE_LIBVIRTD:
    case ROLE_NONE:
        break;
    }
    if (denial->uuid)
        return g_strdup_printf(_("%s: %s, towards this VM"), domain, denial->profile);
    return g_strdup(denial->profile);
}

/* (transfer full): "3 times, 2026-01-31 10:00:00 to 10:05:00" */
static char *
when(const Denial *denial)
{
    g_autofree char *first = moment_text(denial->first);
    g_autofree char *last = moment_text(denial->last);

    if (denial->count == 1)
        return g_strdup(last);
    return g_strdup_printf(ngettext("%u time, %s to %s", "%u times, %s to %s", denial->count),
                           denial->count, first, last);
}

static void
print_one(Output *output, const Denial *denial)
{
    g_autofree char *times = when(denial);

    output_line(output, denial->suspicious ? COLOUR_BAD : COLOUR_PLAIN, "  %s%s%s%s%s%s%s",
                denial->operation, denial->object ? " " : "", denial->object ? denial->object : "",
                denial->mask ? " (" : "", denial->mask ? denial->mask : "", denial->mask ? ")" : "",
                denial->complain ? _(", not refused: complain mode") : "");
    output_line(output, COLOUR_PLAIN, "    %s", times);
    if (denial->share)
        output_line(output, COLOUR_PLAIN, _("    in the share %s (%s)"),
                    denial->share_target ? denial->share_target : "?", denial->share);
    output_line(output, COLOUR_PLAIN, "    %s", denial->text);
    if (denial->remedy)
        output_line(output, COLOUR_PLAIN, "    -> %s", denial->remedy);
}

void
denials_print(Output *output, const Denials *denials)
{
    const char *profile = NULL;

    for (guint i = 0; i < denials->list->len; i++) {
        const Denial *denial = g_ptr_array_index(denials->list, i);

        if (g_strcmp0(profile, denial->profile) != 0) {
            g_autofree char *text = heading(denial);

            output_line(output, COLOUR_BOLD, "%s", text);
        }
        profile = denial->profile;
        print_one(output, denial);
    }
    if (denials->left_out)
        output_line(output, COLOUR_NOTE,
                    ngettext("%u more record is left out: its profile has too many kinds",
                             "%u more records are left out: their profile has too many kinds",
                             denials->left_out),
                    denials->left_out);
}

static const char *
now_word(DenialNow now)
{
    switch (now) {
    case DENIAL_NOW_UNKNOWN:
        return "unknown";
    case DENIAL_NOW_ALLOWED:
        return "allowed";
    case DENIAL_NOW_DENIED:
        return "denied";
    }
    g_assert_not_reached();
}

static void
add_one(JsonBuilder *builder, const Denial *denial)
{
    json_builder_begin_object(builder);
    json_add_string_or_null(builder, "domain", denial->domain);
    json_add_string_or_null(builder, "uuid", denial->uuid);
    json_add_string_or_null(builder, "role", whose_role_word(denial->role));
    json_add_string_or_null(builder, "profile", denial->profile);
    json_add_string_or_null(builder, "operation", denial->operation);
    json_add_string_or_null(builder, "object", denial->object);
    json_add_string_or_null(builder, "mask", denial->mask);
    json_add_string_or_null(builder, "comm", denial->comm);
    json_add_boolean(builder, "refused", !denial->complain);
    json_add_integer(builder, "count", denial->count);
    moment_add_json(builder, "first", denial->first);
    moment_add_json(builder, "last", denial->last);
    json_add_string_or_null(builder, "share", denial->share);
    json_add_string_or_null(builder, "share_target", denial->share_target);
    json_add_string_or_null(builder, "now", now_word(denial->now));
    json_add_boolean(builder, "suspicious", denial->suspicious);
    json_add_string_or_null(builder, "text", denial->text);
    json_add_string_or_null(builder, "remedy", denial->remedy);
    json_builder_end_object(builder);
}

void
denials_to_json(JsonBuilder *builder, const Denials *denials)
{
    json_builder_begin_array(builder);
    for (guint i = 0; i < denials->list->len; i++)
        add_one(builder, g_ptr_array_index(denials->list, i));
    json_builder_end_array(builder);
}
