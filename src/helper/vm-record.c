/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/vm-record.h"

#include "grant/grant.h"

static void
share_free(RecordedShare *share)
{
    g_free(share->alias);
    g_free(share->dir);
    g_free(share->socket);
    g_free(share);
}

VmRecord *
vm_record_new(const char *profile)
{
    VmRecord *record = g_new0(VmRecord, 1);

    record->profile = g_strdup(profile);
    record->id = -1;
    record->qemu_known = TRUE;
    record->qemu = grants_new();
    record->announced = grants_new();
    record->virtiofsd = grants_new();
    record->writer = grants_new();
    record->memory = g_ptr_array_new_with_free_func(g_free);
    record->sockets = g_ptr_array_new_with_free_func(g_free);
    record->shares = g_ptr_array_new_with_free_func((GDestroyNotify)share_free);
    return record;
}

void
vm_record_free(VmRecord *record)
{
    g_free(record->profile);
    g_free(record->domain);
    g_free(record->qemu_loaded);
    g_free(record->virtiofsd_loaded);
    g_ptr_array_unref(record->qemu);
    g_ptr_array_unref(record->announced);
    g_ptr_array_unref(record->virtiofsd);
    g_ptr_array_unref(record->writer);
    g_ptr_array_unref(record->memory);
    g_ptr_array_unref(record->sockets);
    g_ptr_array_unref(record->shares);
    g_free(record);
}

/* ---- shares and paths ---- */

void
vm_record_add_path(GPtrArray *paths, const char *path)
{
    if (!g_ptr_array_find_with_equal_func(paths, path, g_str_equal, NULL))
        g_ptr_array_add(paths, g_strdup(path));
}

RecordedShare *
vm_record_find_share(const VmRecord *record, const char *alias)
{
    for (guint i = 0; i < record->shares->len; i++) {
        RecordedShare *share = g_ptr_array_index(record->shares, i);

        if (g_strcmp0(share->alias, alias) == 0)
            return share;
    }
    return NULL;
}

RecordedShare *
vm_record_put_share(VmRecord *record, const char *alias, const char *dir, gboolean readonly)
{
    RecordedShare *share = g_new0(RecordedShare, 1);
    RecordedShare *old = vm_record_find_share(record, alias);

    share->alias = g_strdup(alias);
    share->dir = g_strdup(dir);
    share->readonly = readonly;
    if (old)
        g_ptr_array_remove(record->shares, old);
    g_ptr_array_add(record->shares, share);
    return share;
}

void
vm_record_note_process(RecordedShare *share, Host *host, guint pid)
{
    share->start = host_process_start(host, pid);
    share->pid = share->start ? pid : 0;
}

/* Of a process of which nobody knows any more when it began, only that there is none says that it has ended. */
static gboolean
process_has_ended(const RecordedShare *share, Host *host)
{
    g_autofree char *stat = g_strdup_printf("/proc/%u/stat", share->pid);
    guint64 start = host_process_start(host, share->pid);

    return start ? start != share->start : !host_exists(host, stat);
}

static gboolean
has_ended(const RecordedShare *share, Host *host)
{
    if (!share->socket)
        return FALSE;
    if (!host_exists(host, share->socket))
        return TRUE;
    return share->pid && process_has_ended(share, host);
}

void
vm_record_drop_ended(VmRecord *record, Host *host)
{
    for (guint i = record->shares->len; i > 0; i--)
        if (has_ended(g_ptr_array_index(record->shares, i - 1), host))
            g_ptr_array_remove_index(record->shares, i - 1);
}

gboolean
vm_record_has_writable(const VmRecord *record)
{
    for (guint i = 0; i < record->shares->len; i++)
        if (!((const RecordedShare *)g_ptr_array_index(record->shares, i))->readonly)
            return TRUE;
    return FALSE;
}
