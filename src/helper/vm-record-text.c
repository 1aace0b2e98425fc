/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

/* The record of a VM as the text of its file. */

#include "helper/vm-record.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "grant/grant.h"
#include "virtiofsd/fields.h"

#define HEADER "virt-aa-virtiofs vm 1"

/* ---- writing ---- */

static void
put_some(FieldsWriter *out, const char *key, const char *value)
{
    if (value && *value)
        fields_add(out, key, value);
}

static void
put_flag(FieldsWriter *out, const char *key, gboolean value)
{
    fields_add(out, key, value ? "yes" : "no");
}

static void
put_number(FieldsWriter *out, const char *key, guint64 value)
{
    g_autofree char *text = g_strdup_printf("%" G_GUINT64_FORMAT, value);

    if (value)
        fields_add(out, key, text);
}

/* Each grant is a field that begins it and then those of its parts that it has. */
static void
put_grants(FieldsWriter *out, const char *key, GPtrArray *grants)
{
    for (guint i = 0; i < grants->len; i++) {
        const Grant *grant = g_ptr_array_index(grants, i);
        g_autofree char *kind = g_strdup_printf("%u %u", (guint)grant->kind, (guint)grant->perms);

        fields_add(out, key, kind);
        put_some(out, "before", grant->before);
        put_some(out, "literal", grant->literal);
        put_some(out, "after", grant->after);
        put_some(out, "text", grant->text);
        put_some(out, "element", grant->element);
        put_number(out, "line", grant->line);
    }
}

static void
put_paths(FieldsWriter *out, const char *key, GPtrArray *paths)
{
    for (guint i = 0; i < paths->len; i++)
        fields_add(out, key, g_ptr_array_index(paths, i));
}

static void
put_shares(FieldsWriter *out, GPtrArray *shares)
{
    for (guint i = 0; i < shares->len; i++) {
        const RecordedShare *share = g_ptr_array_index(shares, i);

        fields_add(out, "share", share->dir);
        put_some(out, "alias", share->alias);
        put_flag(out, "readonly", share->readonly);
        put_some(out, "socket", share->socket);
        put_number(out, "pid", share->pid);
        put_number(out, "start", share->start);
    }
}

char *
vm_record_format(const VmRecord *record, GError **error)
{
    AUTO_FIELDS_WRITER FieldsWriter out;
    g_autofree char *id = g_strdup_printf("%d", record->id);
    Failure failure;
    char *text;

    fields_start(&out, HEADER, LIMIT_FILE_BYTES);
    fields_add(&out, "profile", record->profile);
    put_some(&out, "domain", record->domain);
    fields_add(&out, "id", id);
    put_flag(&out, "qemu-known", record->qemu_known);
    put_some(&out, "qemu-loaded", record->qemu_loaded);
    put_some(&out, "virtiofsd-loaded", record->virtiofsd_loaded);
    put_grants(&out, "qemu", record->qemu);
    put_grants(&out, "announced", record->announced);
    put_grants(&out, "virtiofsd", record->virtiofsd);
    put_grants(&out, "writer", record->writer);
    put_paths(&out, "memory", record->memory);
    put_paths(&out, "listens", record->sockets);
    put_shares(&out, record->shares);
    text = fields_finish(&out, NULL, &failure);
    if (!text)
        base_set_error(error, BASE_ERROR_FAILED, _("what is known of %s cannot be recorded: %s"),
                       record->profile, failure.text);
    return text;
}

/* ---- reading ---- */

typedef struct {
    VmRecord *record;
    Grant *grant;         /* that the last line belonged to; NULL: none */
    RecordedShare *share; /* likewise */
    gboolean named;       /* it says whose record it is */
} Reader;

static gboolean
read_number(const char *text, guint64 max, guint64 *out)
{
    return g_ascii_string_to_unsigned(text, 10, 0, max, out, NULL);
}

/* "KIND PERMISSIONS", as numbers. */
static gboolean
begin_grant(Reader *reader, GPtrArray *to, const char *value)
{
    g_auto(GStrv) parts = g_strsplit(value, " ", 3);
    guint64 kind, perms;
    Grant *grant;

    if (g_strv_length(parts) != 2 || !read_number(parts[0], GRANT_CAPABILITY, &kind) ||
        !read_number(parts[1], PERMS_ALL, &perms))
        return FALSE;
    grant = g_new0(Grant, 1);
    grant->kind = (GrantKind)kind;
    grant->perms = (Perms)perms;
    grant->before = g_strdup("");
    grant->literal = g_strdup("");
    grant->after = g_strdup("");
    g_ptr_array_add(to, grant);
    reader->grant = grant;
    reader->share = NULL;
    return TRUE;
}

static gboolean
set_text(char **to, const char *value)
{
    g_free(*to);
    *to = g_strdup(value);
    return TRUE;
}

static gboolean
read_grant_part(Grant *grant, const char *key, const char *value)
{
    guint64 line;

    if (g_str_equal(key, "before"))
        return set_text(&grant->before, value);
    if (g_str_equal(key, "literal"))
        return set_text(&grant->literal, value);
    if (g_str_equal(key, "after"))
        return set_text(&grant->after, value);
    if (g_str_equal(key, "text"))
        return set_text(&grant->text, value);
    if (g_str_equal(key, "element"))
        return set_text(&grant->element, value);
    if (!g_str_equal(key, "line") || !read_number(value, G_MAXUINT, &line))
        return FALSE;
    grant->line = (guint)line;
    return TRUE;
}

static gboolean
read_flag(const char *value, gboolean *out)
{
    *out = g_str_equal(value, "yes");
    return *out || g_str_equal(value, "no");
}

static gboolean
read_share_part(RecordedShare *share, const char *key, const char *value)
{
    guint64 pid;

    if (g_str_equal(key, "alias"))
        return set_text(&share->alias, value);
    if (g_str_equal(key, "readonly"))
        return read_flag(value, &share->readonly);
    if (g_str_equal(key, "socket"))
        return set_text(&share->socket, value);
    if (g_str_equal(key, "start"))
        return read_number(value, G_MAXUINT64, &share->start);
    if (!g_str_equal(key, "pid") || !read_number(value, G_MAXINT, &pid))
        return FALSE;
    share->pid = (guint)pid;
    return TRUE;
}

static gboolean
begin_share(Reader *reader, const char *value)
{
    RecordedShare *share = g_new0(RecordedShare, 1);

    share->dir = g_strdup(value);
    g_ptr_array_add(reader->record->shares, share);
    reader->share = share;
    reader->grant = NULL;
    return *value == '/';
}

static gboolean
read_id(const char *value, int *out)
{
    gint64 id;

    if (!g_ascii_string_to_signed(value, 10, -1, G_MAXINT, &id, NULL))
        return FALSE;
    *out = (int)id;
    return TRUE;
}

static gboolean
read_path(GPtrArray *to, const char *value)
{
    g_ptr_array_add(to, g_strdup(value));
    return *value == '/';
}

static gboolean
read_field(Reader *reader, const char *key, const char *value)
{
    VmRecord *record = reader->record;
    const struct {
        const char *key;
        GPtrArray *grants;
    } lists[] = {{"qemu", record->qemu},
                 {"announced", record->announced},
                 {"virtiofsd", record->virtiofsd},
                 {"writer", record->writer}};

    for (gsize i = 0; i < G_N_ELEMENTS(lists); i++)
        if (g_str_equal(key, lists[i].key))
            return begin_grant(reader, lists[i].grants, value);
    if (g_str_equal(key, "share"))
        return begin_share(reader, value);
    if (reader->grant)
        if (read_grant_part(reader->grant, key, value))
            return TRUE;
    if (reader->share)
        return read_share_part(reader->share, key, value);
    if (g_str_equal(key, "profile")) {
        reader->named = g_str_equal(value, record->profile);
        return reader->named;
    }
    if (g_str_equal(key, "domain"))
        return set_text(&record->domain, value);
    if (g_str_equal(key, "id"))
        return read_id(value, &record->id);
    if (g_str_equal(key, "qemu-known"))
        return read_flag(value, &record->qemu_known);
    if (g_str_equal(key, "qemu-loaded"))
        return set_text(&record->qemu_loaded, value);
    if (g_str_equal(key, "virtiofsd-loaded"))
        return set_text(&record->virtiofsd_loaded, value);
    if (g_str_equal(key, "memory"))
        return read_path(record->memory, value);
    if (g_str_equal(key, "listens"))
        return read_path(record->sockets, value);
    return FALSE;
}

VmRecord *
vm_record_parse(const char *text, const char *profile, GError **error)
{
    g_autoptr(VmRecord) record = vm_record_new(profile);
    AUTO_FIELDS_READER FieldsReader fields;
    Reader reader = {.record = record};
    FieldsStatus status = FIELDS_BAD;
    Failure failure;

    if (fields_open(&fields, HEADER, text, strlen(text), LIMIT_FILE_BYTES, &failure)) {
        while ((status = fields_next(&fields, &failure)) == FIELDS_FIELD)
            if (!read_field(&reader, fields.key, fields.value)) {
                status = FIELDS_BAD;
                fields_bad(&fields, &failure);
                break;
            }
    }
    if (status == FIELDS_END && reader.named && record->domain)
        return g_steal_pointer(&record);
    base_set_error(error, BASE_ERROR_FAILED, "%s",
                   status == FIELDS_END ? _("the record does not say whose it is") : failure.text);
    return NULL;
}
