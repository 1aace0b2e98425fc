/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/grants.h"

#include <glib/gi18n-lib.h>

static gboolean
add_filesystems(Builder *builder, GError **error)
{
    GPtrArray *all = builder->domain->filesystems;

    for (guint i = 0; i < all->len; i++) {
        const DomainFilesystem *fs = g_ptr_array_index(all, i);
        g_autofree char *element =
            g_strdup_printf(_("filesystem '%s'"), fs->target ? fs->target : "?");
        Origin origin = {element, fs->line};

        if (!fs->is_mount)
            continue;
        switch (fs->driver) {
        case DOMAIN_FS_PATH:
            if (!grant_path(builder, builder->model->grants, origin, fs->dir,
                            fs->readonly ? PERM_R : PERM_R | PERM_W | PERM_L, ADD_TREE, error))
                return FALSE;
            break;
        case DOMAIN_FS_VIRTIOFS:
            /* somebody else runs virtiofsd: QEMU connects to its socket */
            if (fs->socket && !grant_path(builder, builder->model->grants, origin, fs->socket,
                                          PERM_R | PERM_W, ADD_PLAIN, error))
                return FALSE;
            break;
        case DOMAIN_FS_OTHER:
            break;
        }
    }
    return TRUE;
}

static gboolean
add_paths(Builder *builder, GPtrArray *paths, Perms perms, AddFlags flags, GError **error)
{
    for (guint i = 0; i < paths->len; i++) {
        const DomainPath *path = g_ptr_array_index(paths, i);
        g_autofree char *element = g_strdup_printf("<%s>", path->element);
        Origin origin = {element, path->line};

        if (!grant_path(builder, builder->model->grants, origin, path->path, perms, flags, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_vhostuser(Builder *builder, GError **error)
{
    GPtrArray *all = builder->domain->interfaces;

    for (guint i = 0; i < all->len; i++) {
        const DomainInterface *interface = g_ptr_array_index(all, i);
        Origin origin = {"<interface type='vhostuser'>", interface->line};

        /* passt has no path in the XML; its socket lies in a directory that libvirtd announces */
        if (interface->is_vhostuser && interface->vhostuser_path &&
            !grant_path(builder, builder->model->grants, origin, interface->vhostuser_path,
                        PERM_R | PERM_W, ADD_PLAIN, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_memories(Builder *builder, GError **error)
{
    GPtrArray *grants = builder->model->grants;
    GPtrArray *all = builder->domain->memories;

    for (guint i = 0; i < all->len; i++) {
        const DomainMemory *memory = g_ptr_array_index(all, i);
        Origin origin = {"<memory>", memory->line};

        switch (memory->model) {
        case DOMAIN_MEMORY_NVDIMM:
        case DOMAIN_MEMORY_VIRTIO_PMEM:
        case DOMAIN_MEMORY_EGM:
            if (!grant_path(builder, grants, origin, memory->path, PERM_R | PERM_W, ADD_PLAIN,
                            error))
                return FALSE;
            break;
        case DOMAIN_MEMORY_SGX_EPC:
            if (!grant_path(builder, grants, origin, "/dev/sgx_vepc", PERM_R | PERM_W, ADD_PLAIN,
                            error) ||
                !grant_path(builder, grants, origin, "/dev/sgx_provision", PERM_R, ADD_QUIET,
                            error))
                return FALSE;
            break;
        case DOMAIN_MEMORY_OTHER:
            break;
        }
    }
    return TRUE;
}

static gboolean
add_shmems(Builder *builder, GError **error)
{
    GPtrArray *all = builder->domain->shmems;

    for (guint i = 0; i < all->len; i++) {
        const DomainShmem *shmem = g_ptr_array_index(all, i);
        Origin origin = {"<shmem>", shmem->line};
        g_autofree char *path = NULL;

        if (shmem->server_path)
            path = g_strdup(shmem->server_path);
        else if (!shmem->has_model_rule)
            continue;
        else if (shmem->plain) /* qemuBuildShmemBackendMemProps() */
            path = g_strconcat("/dev/shm/", shmem->name, NULL);
        else /* qemuDomainPrepareShmemChardev() */
            path = g_strconcat("/var/lib/libvirt/shmem-", shmem->name, "-sock", NULL);
        if (!grant_path(builder, builder->model->grants, origin, path, PERM_R | PERM_W, ADD_PLAIN,
                        error))
            return FALSE;
    }
    return TRUE;
}

/* swtpm runs under QEMU's profile, so these are for the two of them. */
static void
add_tpms(Builder *builder)
{
    static const char *const any_version[] = {"tpm1.2", "tpm2"};
    const Domain *domain = builder->domain;
    GPtrArray *to = builder->model->grants;
    g_autofree char *short_name = domain_short_name(domain);

    for (guint i = 0; i < domain->tpms->len; i++) {
        const DomainTpm *tpm = g_ptr_array_index(domain->tpms, i);

        if (!tpm->emulator)
            continue;
        grant_pattern(to, RUNSTATEDIR "/libvirt/qemu/swtpm/", short_name, "-swtpm.sock",
                      PERM_R | PERM_W);
        /* a definition that was not completed yet has no version */
        for (gsize v = 0; v < G_N_ELEMENTS(any_version); v++) {
            g_autofree char *dir = g_strdup_printf("%s/%s", domain->uuid, any_version[v]);

            if (tpm->state_dir && !g_str_equal(tpm->state_dir, any_version[v]))
                continue;
            grant_pattern(to, LOCALSTATEDIR "/lib/libvirt/swtpm/", dir, "/", PERM_R);
            grant_pattern(to, LOCALSTATEDIR "/lib/libvirt/swtpm/", dir, "/**",
                          PERM_R | PERM_W | PERM_K);
        }
        grant_pattern(to, LOCALSTATEDIR "/log/swtpm/libvirt/qemu/", domain->name, "-swtpm.log",
                      PERM_W);
        grant_pattern(to, RUNSTATEDIR "/libvirt/qemu/swtpm/", short_name, "-swtpm.pid",
                      PERM_R | PERM_W);
    }
}

static void
add_smartcards(Builder *builder)
{
    GPtrArray *all = builder->domain->smartcards;

    for (guint i = 0; i < all->len; i++) {
        const DomainSmartcard *smartcard = g_ptr_array_index(all, i);

        switch (smartcard->mode) {
        case DOMAIN_SMARTCARD_HOST:
            grant_pattern(builder->model->grants, "/etc/pki/nssdb", "", "/{,*}", PERM_R | PERM_K);
            break;
        case DOMAIN_SMARTCARD_HOST_CERTIFICATES:
            grant_pattern(builder->model->grants, "",
                          smartcard->database ? smartcard->database : "/etc/pki/nssdb", "/{,*}",
                          PERM_R | PERM_K);
            break;
        case DOMAIN_SMARTCARD_OTHER:
            break;
        }
    }
}

gboolean
model_add_devices(Builder *builder, GError **error)
{
    const Domain *domain = builder->domain;

    if (!add_filesystems(builder, error) ||
        !add_paths(builder, domain->inputs, PERM_R | PERM_W, ADD_PLAIN, error) ||
        !add_vhostuser(builder, error) || !add_memories(builder, error) ||
        !add_paths(builder, domain->firmware_files, PERM_R, ADD_QUIET, error) ||
        !add_shmems(builder, error))
        return FALSE;
    add_tpms(builder);
    add_smartcards(builder);
    return TRUE;
}
