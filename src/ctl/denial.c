/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/denial.h"

#include <string.h>

#include "domain/domain.h"
#include "kernel/kernel.h"
#include "model/paths.h"

void
denial_free(Denial *denial)
{
    if (!denial)
        return;
    g_free(denial->profile);
    g_free(denial->uuid);
    g_free(denial->domain);
    g_free(denial->operation);
    g_free(denial->object);
    g_free(denial->mask);
    g_free(denial->comm);
    g_free(denial->info);
    g_free(denial->share);
    g_free(denial->share_target);
    g_free(denial->text);
    g_free(denial->remedy);
    g_free(denial);
}

void
denials_free(Denials *denials)
{
    if (!denials)
        return;
    g_ptr_array_unref(denials->list);
    g_free(denials);
}

/* What a record is about. */
static const char *
object_of(const Avc *avc)
{
    if (avc->name)
        return avc->name;
    if (avc->signal)
        return avc->signal;
    return avc->family ? avc->family : avc->peer;
}

static Denial *
denial_new(const Avc *avc)
{
    Denial *denial = g_new0(Denial, 1);

    denial->profile = g_strdup(avc->profile);
    denial->role = whose_profile(avc->profile, &denial->uuid);
    /* libvirtd is kept from a VM's process: that VM's story */
    if (!denial->uuid && avc->peer)
        whose_profile(avc->peer, &denial->uuid);
    denial->operation = g_strdup(avc->operation);
    denial->object = g_strdup(object_of(avc));
    denial->mask = g_strdup(avc->denied);
    denial->comm = g_strdup(avc->comm);
    denial->info = g_strdup(avc->info);
    denial->is_path = avc->name && *avc->name == '/' && avc->denied;
    denial->complain = avc->complain;
    denial->first = avc->time;
    return denial;
}

/* (transfer full): what records of one group have in common */
static char *
key_of(const Avc *avc)
{
    const char *object = object_of(avc);

    return g_strdup_printf("%s\n%s\n%d\n%s\n%s", avc->profile, avc->operation, avc->complain,
                           avc->denied ? avc->denied : "", object ? object : "");
}

/* The groups so far. */
typedef struct {
    Denials *denials;
    GHashTable *by_key;     /* key_of() to Denial */
    GHashTable *by_profile; /* how many a profile has */
} Groups;

static void
add_record(Groups *groups, const Avc *avc)
{
    g_autofree char *key = key_of(avc);
    Denial *denial = g_hash_table_lookup(groups->by_key, key);
    guint *n = g_hash_table_lookup(groups->by_profile, avc->profile);

    if (!n) {
        n = g_new0(guint, 1);
        g_hash_table_insert(groups->by_profile, g_strdup(avc->profile), n);
    }
    if (!denial && *n >= DENIALS_OF_A_PROFILE) {
        groups->denials->left_out++;
        return;
    }
    if (!denial) {
        denial = denial_new(avc);
        g_ptr_array_add(groups->denials->list, denial);
        g_hash_table_insert(groups->by_key, g_steal_pointer(&key), denial);
        *n += 1;
    }
    denial->count++;
    denial->last = avc->time;
}

/* A VM, as far as its denials are about it. */
typedef struct {
    const CtlDomain *domain;
    Domain *parsed; /* (nullable): where its XML can be read */
} Vm;

static void
vm_free(Vm *vm)
{
    domain_free(vm->parsed);
    g_free(vm);
}

static Vm *
vm_new(const CtlDomain *domain)
{
    Vm *vm = g_new0(Vm, 1);

    vm->domain = domain;
    vm->parsed = domain_parse(domain->xml, strlen(domain->xml), NULL);
    return vm;
}

/* Which share the path lies in: the deepest; of two that are the same, the one that may be written. The
 * kernel's path has no links in it. */
static void
find_share(Denial *denial, const Domain *domain, Host *host)
{
    const DomainFilesystem *fs;
    gsize best = 0;
    guint at = 0;

    while ((fs = domain_next_device(domain, DOMAIN_DEVICE_FILESYSTEM, &at))) {
        g_autofree char *real = fs->dir && host ? host_realpath(host, fs->dir) : NULL;
        const char *dir = real ? real : fs->dir;

        if (!dir || !path_lies_in(denial->object, dir) || strlen(dir) < best ||
            (strlen(dir) == best && fs->readonly))
            continue;
        best = strlen(dir);
        g_free(denial->share);
        g_free(denial->share_target);
        denial->share = g_strdup(fs->dir);
        denial->share_target = g_strdup(fs->target);
        denial->share_readonly = fs->readonly;
    }
}

static Vm *
find_vm(GHashTable *vms, GPtrArray *domains, const char *uuid)
{
    Vm *vm = g_hash_table_lookup(vms, uuid);

    for (guint i = 0; !vm && i < domains->len; i++) {
        const CtlDomain *domain = g_ptr_array_index(domains, i);

        if (strcmp(domain->uuid, uuid) == 0) {
            vm = vm_new(domain);
            g_hash_table_insert(vms, g_strdup(uuid), vm);
        }
    }
    return vm;
}

static void
ask_kernel(Denial *denial, Kernel *kernel)
{
    gboolean allowed = FALSE;

    if (denial->is_path && !denial->complain &&
        kernel_allows(kernel, denial->profile, denial->object, denial->mask, &allowed))
        denial->now = allowed ? DENIAL_NOW_ALLOWED : DENIAL_NOW_DENIED;
}

static int
by_profile_and_time(gconstpointer a, gconstpointer b)
{
    const Denial *x = *(const Denial *const *)a;
    const Denial *y = *(const Denial *const *)b;
    int order = strcmp(x->profile, y->profile);

    return order ? order : (x->last < y->last ? -1 : x->last > y->last);
}

Denials *
denials_group(const CtlConfig *config, GPtrArray *records, GPtrArray *domains)
{
    const KernelOptions options = {.parser = config->helper.parser,
                                   .include_dir = config->helper.include_dir,
                                   .apparmorfs = config->helper.kernel_dir};
    g_autoptr(Kernel) kernel = kernel_new(&options);
    g_autoptr(GHashTable) by_key = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    g_autoptr(GHashTable) by_profile =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    g_autoptr(GHashTable) vms =
        g_hash_table_new_full(g_str_hash, g_str_equal, g_free, (GDestroyNotify)vm_free);
    g_autoptr(Denials) denials = g_new0(Denials, 1);
    g_autoptr(Host) host = host_new(config->helper.host_root, NULL);
    Groups groups = {denials, by_key, by_profile};

    denials->list = g_ptr_array_new_with_free_func((GDestroyNotify)denial_free);
    for (guint i = 0; i < records->len; i++)
        add_record(&groups, g_ptr_array_index(records, i));
    for (guint i = 0; i < denials->list->len; i++) {
        Denial *denial = g_ptr_array_index(denials->list, i);
        const Vm *vm = denial->uuid ? find_vm(vms, domains, denial->uuid) : NULL;

        denial->domain = vm ? g_strdup(vm->domain->name) : NULL;
        if (vm && vm->parsed && denial->is_path)
            find_share(denial, vm->parsed, host);
        ask_kernel(denial, kernel);
        denial_explain(denial);
    }
    g_ptr_array_sort(denials->list, by_profile_and_time);
    return g_steal_pointer(&denials);
}
