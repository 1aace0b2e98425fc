/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/vm-records.h"

#include <string.h>

#include "base/error.h"
#include "policy/records.h"
#include "virtiofsd/label.h"

/* Of a socket's path, DIR/ALIAS-fs.sock, as records_name() writes it. */
#define SLASH         "%2F"
#define SOCKET_SUFFIX "-fs.sock"

struct _VmRecords {
    GHashTable *vms;     /* profile → VmRecord */
    GHashTable *sockets; /* "PROFILE ALIAS" */
    GError *error;
};

void
vm_records_free(VmRecords *records)
{
    if (!records)
        return;
    g_hash_table_unref(records->vms);
    g_hash_table_unref(records->sockets);
    g_clear_error(&records->error);
    g_free(records);
}

static void
add_vm(VmRecords *records, const PolicyDir *dir, const char *name)
{
    g_autofree char *text = NULL;
    VmRecord *record;

    if (!label_is_profile(name) || !policy_read(dir, name, &text, NULL))
        return;
    record = vm_record_parse(text, name, NULL);
    if (record)
        g_hash_table_insert(records->vms, g_strdup(name), record);
}

/* (transfer full) (nullable): the device whose socket's record is called @name */
static char *
alias_of(const char *name)
{
    const char *start = g_strrstr(name, SLASH);

    if (!start || !g_str_has_suffix(name, SOCKET_SUFFIX))
        return NULL;
    start += strlen(SLASH);
    return g_strndup(start, strlen(start) - strlen(SOCKET_SUFFIX));
}

static void
add_socket(VmRecords *records, const PolicyDir *dir, const char *name)
{
    g_autofree char *alias = alias_of(name);
    g_autofree char *profile = NULL;

    if (alias && records_whose(dir, name, &profile, NULL))
        g_hash_table_add(records->sockets, g_strdup_printf("%s %s", profile, alias));
}

typedef void (*AddRecord)(VmRecords *records, const PolicyDir *dir, const char *name);

static gboolean
read_kind(VmRecords *records, const char *path, const char *kind, AddRecord add, GError **error)
{
    g_autoptr(PolicyDir) dir = records_open(path, kind, FALSE, error);
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    gboolean known = dir && records_list(dir, names, error);

    for (guint i = 0; i < names->len; i++)
        add(records, dir, g_ptr_array_index(names, i));
    return known;
}

VmRecords *
vm_records_read(const char *dir)
{
    VmRecords *records = g_new0(VmRecords, 1);

    records->vms =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)vm_record_free);
    records->sockets = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (dir && read_kind(records, dir, RECORDS_VMS, add_vm, &records->error))
        read_kind(records, dir, RECORDS_SOCKETS, add_socket, &records->error);
    if (g_error_matches(records->error, BASE_ERROR, BASE_ERROR_NOT_FOUND))
        g_clear_error(&records->error);
    return records;
}

const GError *
vm_records_error(const VmRecords *records)
{
    return records->error;
}

const VmRecord *
vm_records_of(const VmRecords *records, const char *profile)
{
    return g_hash_table_lookup(records->vms, profile);
}

gboolean
vm_records_has_socket(const VmRecords *records, const char *profile, const char *alias)
{
    g_autofree char *key = g_strdup_printf("%s %s", profile, alias);

    return g_hash_table_contains(records->sockets, key);
}
