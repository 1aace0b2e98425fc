/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/avc.h"

#include <aalogparse/aalogparse.h>
#include <string.h>

/* Bytes of a line: an audit record has at most 8,970 (MAX_AUDIT_MESSAGE_LENGTH of libaudit). */
#define LINE_BYTES 16384

/* What libapparmor is handed; each of these keys AppArmor 3.0's knows. */
static const char *const keys[] = {
    "operation",      "info",        "profile", "name",   "pid",  "comm",
    "requested_mask", "denied_mask", "capname", "family", "peer", "signal",
    "capability",     "error",       "fsuid",   "ouid",   NULL,
};

void
avc_free(Avc *avc)
{
    if (!avc)
        return;
    g_free(avc->profile);
    g_free(avc->operation);
    g_free(avc->name);
    g_free(avc->requested);
    g_free(avc->denied);
    g_free(avc->comm);
    g_free(avc->info);
    g_free(avc->peer);
    g_free(avc->family);
    g_free(avc->signal);
    g_free(avc);
}

/* Moves @at behind @text, if it begins so. */
static gboolean
skip(const char **at, const char *text)
{
    if (!g_str_has_prefix(*at, text))
        return FALSE;
    *at += strlen(text);
    return TRUE;
}

static gboolean
read_number(const char **at, guint64 *number)
{
    char *end = NULL;

    if (!g_ascii_isdigit(**at))
        return FALSE;
    *number = g_ascii_strtoull(*at, &end, 10);
    *at = end;
    return TRUE;
}

/* "audit(SECONDS.MS:SERIAL): " */
static gboolean
read_stamp(const char **at, gint64 *time, guint64 *serial)
{
    guint64 seconds;
    guint64 ms;

    if (!skip(at, "audit(") || !read_number(at, &seconds) || !skip(at, ".") ||
        !read_number(at, &ms) || !skip(at, ":") || !read_number(at, serial) || !skip(at, "): ") ||
        seconds > G_MAXINT64 / 2000 || ms > 999)
        return FALSE;
    *time = (gint64)(seconds * 1000 + ms);
    return TRUE;
}

/*
 * What stands before the record, in each source. Nothing may stand there that is not known: what a program
 * says of itself, as in the msg='…' of a record of type USER_AVC, is no word of the kernel's.
 */
static gboolean
read_head(const char **at, gint64 *time, guint64 *serial)
{
    if (skip(at, "AVC "))
        return TRUE;
    if (skip(at, "audit: type=1400 "))
        return read_stamp(at, time, serial);
    if (skip(at, "node=")) {
        *at += strcspn(*at, " ");
        skip(at, " ");
    }
    if (skip(at, "type=AVC msg=") || skip(at, "type=1400 msg="))
        return read_stamp(at, time, serial);
    return FALSE;
}

/* Where the value at @at ends. */
static const char *
end_of_value(const char *at)
{
    const char *end;

    if (*at != '"')
        return at + strcspn(at, " ");
    end = strchr(at + 1, '"');
    return end ? end + 1 : NULL;
}

/* Where @key is in the list; those from the list's end on are not. */
static gsize
index_of(const char *key, gsize length)
{
    gsize i = 0;

    while (keys[i] && (strlen(keys[i]) != length || strncmp(keys[i], key, length) != 0))
        i++;
    return i;
}

/* Adds each "key=value" of @at whose key is in the list, the first of a key. The kernel writes none twice,
 * and libapparmor forgets the memory of what it read before. */
static void
add_known(GString *to, const char *at)
{
    gboolean seen[G_N_ELEMENTS(keys)] = {FALSE};

    while (*at) {
        gsize length = strspn(at, "abcdefghijklmnopqrstuvwxyz_");
        gsize key = index_of(at, length);
        const char *end;

        if (!length || at[length] != '=') {
            at += strcspn(at, " ");
            at += strspn(at, " ");
            continue;
        }
        end = end_of_value(at + length + 1);
        if (!end)
            return;
        if (keys[key] && !seen[key])
            g_string_append_printf(to, " %.*s", (int)(end - at), at);
        seen[key] = TRUE;
        at = end + strspn(end, " ");
    }
}

static Avc *
from_record(const aa_log_record *record, gint64 time, guint64 serial)
{
    Avc *avc = g_new0(Avc, 1);

    avc->time = time;
    avc->serial = serial;
    avc->complain = record->event == AA_RECORD_ALLOWED;
    avc->profile = g_strdup(record->profile);
    avc->operation = g_strdup(record->operation);
    avc->name = g_strdup(record->name);
    avc->requested = g_strdup(record->requested_mask);
    avc->denied = g_strdup(record->denied_mask);
    avc->comm = g_strdup(record->comm);
    avc->info = g_strdup(record->info);
    avc->peer = g_strdup(record->peer);
    avc->family = g_strdup(record->net_family);
    avc->signal = g_strdup(record->signal);
    return avc;
}

Avc *
avc_read(const char *line, gint64 time)
{
    g_autofree char *text = g_strndup(line, LINE_BYTES);
    g_autoptr(GString) known = g_string_new("type=AVC msg=audit(1.000:1): apparmor=");
    const char *at = text;
    const char *rest;
    guint64 serial = 0;
    aa_log_record *record;
    Avc *avc = NULL;

    /* behind it auditd writes its own names for numbers, as in log_format = ENRICHED */
    text[strcspn(text, "\035")] = '\0';
    if (!read_head(&at, &time, &serial) || !skip(&at, "apparmor="))
        return NULL;
    if (!g_str_has_prefix(at, "\"DENIED\"") && !g_str_has_prefix(at, "\"ALLOWED\""))
        return NULL;
    rest = end_of_value(at);
    if (!rest)
        return NULL;
    g_string_append_len(known, at, rest - at);
    add_known(known, rest);
    g_string_append_c(known, '\n');
    record = parse_record(known->str);
    if (!record)
        return NULL;
    if ((record->event == AA_RECORD_DENIED || record->event == AA_RECORD_ALLOWED) &&
        record->profile && record->operation)
        avc = from_record(record, time, serial);
    free_record(record);
    return avc;
}
