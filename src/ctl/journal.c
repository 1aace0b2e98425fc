/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/journal.h"

#include <glib/gi18n-lib.h>

#include "base/error.h"

#ifdef WITH_JOURNAL

#    include <errno.h>
#    include <string.h>
#    include <systemd/sd-journal.h>
#    include <unistd.h>

typedef sd_journal Journal;

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Journal, sd_journal_close)

/* Where journald has the system's. */
static const char *const directories[] = {"/var/log/journal", "/run/log/journal", NULL};

/* Fields that a message has to have; several of one name: one of them. NULL ends a set, of which one has to
 * match as a whole. */
static const char *const apparmor[] = {
    "_TRANSPORT=audit",
    "_AUDIT_TYPE=1400",
    "_AUDIT_FIELD_APPARMOR=\"DENIED\"",
    "_AUDIT_FIELD_APPARMOR=\"ALLOWED\"",
    NULL,
    /* facility 0 is the kernel's own: what root writes into /dev/kmsg never has it (devkmsg_write()) */
    "_TRANSPORT=kernel",
    "SYSLOG_FACILITY=0",
    NULL,
    NULL,
};
static const char *const libvirtd[] = {
    "_UID=0",
    "_COMM=libvirtd",
    "_COMM=virtqemud",
    "_TRANSPORT=journal",
    "_TRANSPORT=stdout",
    "_TRANSPORT=syslog",
    NULL,
    NULL,
};

/* Looks at the files of @directory, which are in it or in a directory below it. */
static void
count_files(const char *directory, gboolean below, guint *found, guint *readable)
{
    g_autoptr(GDir) dir = g_dir_open(directory, 0, NULL);
    const char *name;

    if (!dir)
        return;
    while ((name = g_dir_read_name(dir))) {
        g_autofree char *path = g_build_filename(directory, name, NULL);

        if (below && !g_str_has_suffix(name, ".journal")) {
            count_files(path, FALSE, found, readable);
        } else if (g_str_has_prefix(name, "system") || !below) {
            if (!g_str_has_suffix(name, ".journal") || g_str_has_prefix(name, "user-"))
                continue;
            *found += 1;
            *readable += access(path, R_OK) == 0;
        }
    }
}

/* libsystemd leaves out what it may not read, and says nothing of it. */
static gboolean
check_access(const char *directory, GError **error)
{
    guint found = 0;
    guint readable = 0;

    if (directory)
        count_files(directory, TRUE, &found, &readable);
    for (gsize i = 0; !directory && directories[i]; i++)
        count_files(directories[i], TRUE, &found, &readable);
    if (readable > 0)
        return TRUE;
    if (found > 0)
        return base_set_error(error, BASE_ERROR_DENIED,
                              _("the system's journal may not be read: be root"));
    return base_set_error(error, BASE_ERROR_NOT_FOUND, _("there is no journal on this host"));
}

static int
add_matches(Journal *journal, const char *const *fields)
{
    int status = 0;

    for (; *fields && status >= 0; fields++) {
        for (; *fields && status >= 0; fields++)
            status = sd_journal_add_match(journal, *fields, 0);
        if (status >= 0)
            status = sd_journal_add_disjunction(journal);
    }
    return status;
}

/* (transfer full) (nullable): the value of @field in the message that @journal is at */
static char *
value_of(Journal *journal, const char *field)
{
    const void *data = NULL;
    size_t length = 0;
    size_t before = strlen(field) + 1;

    if (sd_journal_get_data(journal, field, &data, &length) < 0 || length < before)
        return NULL;
    return g_strndup((const char *)data + before, length - before);
}

/* Milliseconds; when journald got the message, where the sender does not say when it was. */
static gint64
time_of(Journal *journal)
{
    g_autofree char *source = value_of(journal, "_SOURCE_REALTIME_TIMESTAMP");
    uint64_t usec = source ? g_ascii_strtoull(source, NULL, 10) : 0;

    if (usec == 0 && sd_journal_get_realtime_usec(journal, &usec) < 0)
        return 0;
    return (gint64)(usec / 1000);
}

/* (transfer full): as auditd writes it: what journald has from the audit socket has its number beside it */
static char *
with_stamp(Journal *journal, char *message, gint64 time)
{
    g_autofree char *plain = message;
    g_autofree char *id = value_of(journal, "_AUDIT_ID");

    if (!id || !g_str_has_prefix(plain, "AVC "))
        return g_steal_pointer(&plain);
    return g_strdup_printf("type=AVC msg=audit(%" G_GINT64_FORMAT ".%03d:%s): %s", time / 1000,
                           (int)(time % 1000), id, plain + strlen("AVC "));
}

static void
take_entry(Journal *journal, JournalKind kind, gint64 since, JournalTake take, void *data)
{
    gint64 time = time_of(journal);
    g_autofree char *message = time >= since ? value_of(journal, "MESSAGE") : NULL;

    if (message && kind == JOURNAL_APPARMOR)
        message = with_stamp(journal, g_steal_pointer(&message), time);
    if (message)
        take(data, message, time);
}

gboolean
journal_read(const char *directory, JournalKind kind, gint64 since, JournalTake take, void *data,
             GError **error)
{
    g_autoptr(Journal) journal = NULL;
    int status;

    if (!check_access(directory, error))
        return FALSE;
    status = directory ? sd_journal_open_directory(&journal, directory, 0)
                       : sd_journal_open(&journal, SD_JOURNAL_LOCAL_ONLY);
    if (status >= 0)
        status = add_matches(journal, kind == JOURNAL_APPARMOR ? apparmor : libvirtd);
    if (status >= 0)
        status = sd_journal_seek_realtime_usec(journal, (uint64_t)MAX(since, 0) * 1000);
    while (status >= 0 && (status = sd_journal_next(journal)) > 0)
        take_entry(journal, kind, since, take, data);
    if (status < 0)
        return base_set_errno_error(error, -status, _("cannot read the journal"));
    return TRUE;
}

#else

gboolean
journal_read(const char *directory, JournalKind kind, gint64 since, JournalTake take, void *data,
             GError **error)
{
    return base_set_error(error, BASE_ERROR_NOT_FOUND,
                          _("this virt-aa-ctl was built without the journal"));
}

#endif
