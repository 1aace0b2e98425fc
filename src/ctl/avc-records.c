/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/avc-records.h"

#include <string.h>
#include <sys/stat.h>

#include "base/error.h"
#include "ctl/journal.h"
#include "ctl/lines.h"

/* Of audit.log.1, audit.log.2 and so on: auditd.conf(5) has at most 999 of them (num_logs). */
#define ROTATED_MAX 999

typedef struct {
    AvcRecords *records;
    GHashTable *seen; /* see is_new() */
    gint64 since;
    AvcWanted wanted;
    gconstpointer data;
} Reading;

void
avc_records_free(AvcRecords *records)
{
    if (!records)
        return;
    g_ptr_array_unref(records->list);
    g_ptr_array_unref(records->unread);
    g_free(records);
}

/* Whether it is the first of its kind: the journal may have it from the audit socket and from the kernel's
 * log, and auditd has it as well. One system call may have several records of one number. */
static gboolean
is_new(Reading *reading, const Avc *avc)
{
    return g_hash_table_add(reading->seen,
                            g_strdup_printf("%" G_GINT64_FORMAT ":%" G_GUINT64_FORMAT " %s %s %s",
                                            avc->time, avc->serial, avc->profile, avc->operation,
                                            avc->name ? avc->name : ""));
}

static void
take_line(Reading *reading, const char *line, gint64 time)
{
    g_autoptr(Avc) avc = avc_read(line, time);
    AvcRecords *records = reading->records;

    if (!avc || avc->time < reading->since || !reading->wanted(avc, reading->data) ||
        !is_new(reading, avc))
        return;
    if (records->list->len < RECORDS_MAX)
        g_ptr_array_add(records->list, g_steal_pointer(&avc));
    else
        records->cut = TRUE;
}

static void
take_message(void *data, const char *message, gint64 time)
{
    take_line(data, message, time);
}

static void
take_audit_line(void *data, const char *line)
{
    if (strstr(line, " apparmor=\""))
        take_line(data, line, 0);
}

/* What a source's failure means: one that is not there is none. */
static void
note_failure(AvcRecords *records, const GError *error)
{
    if (g_error_matches(error, BASE_ERROR, BASE_ERROR_DENIED))
        records->forbidden = TRUE;
    g_ptr_array_add(records->unread, g_strdup(error->message));
}

/* auditd's file and those that it was called before, back to the time that is asked for. */
static void
read_audit_log(Reading *reading, const char *path)
{
    for (guint i = 0; i <= ROTATED_MAX; i++) {
        g_autofree char *rotated = i ? g_strdup_printf("%s.%u", path, i) : g_strdup(path);
        g_autoptr(GError) error = NULL;
        struct stat status;

        if (stat(rotated, &status) == 0 && (gint64)(status.st_mtime + 1) * 1000 < reading->since)
            break;
        if (lines_read(rotated, 0, take_audit_line, reading, NULL, &error)) {
            reading->records->any = TRUE;
            continue;
        }
        if (i == 0 || !g_error_matches(error, BASE_ERROR, BASE_ERROR_NOT_FOUND))
            note_failure(reading->records, error);
        break;
    }
}

static int
by_time(gconstpointer a, gconstpointer b)
{
    const Avc *const *x = a;
    const Avc *const *y = b;

    return (*x)->time < (*y)->time ? -1 : (*x)->time > (*y)->time;
}

AvcRecords *
avc_records_read(const CtlConfig *config, gint64 since, AvcWanted wanted, gconstpointer data)
{
    g_autoptr(GHashTable) seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GError) error = NULL;
    AvcRecords *records = g_new0(AvcRecords, 1);
    Reading reading = {records, seen, since, wanted, data};

    records->list = g_ptr_array_new_with_free_func((GDestroyNotify)avc_free);
    records->unread = g_ptr_array_new_with_free_func(g_free);
    if (journal_read(config->journal_dir, JOURNAL_APPARMOR, since, take_message, &reading, &error))
        records->any = TRUE;
    else
        note_failure(records, error);
    read_audit_log(&reading, config->audit_log);
    g_ptr_array_sort(records->list, by_time);
    return records;
}
