/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <glib/gi18n-lib.h>

static gboolean
add_filesystems(Builder *builder, GError **error)
{
    GPtrArray *all = builder->domain->filesystems;

    for (guint i = 0; i < all->len; i++) {
        const DomainFilesystem *fs = g_ptr_array_index(all, i);

        builder_at(builder, g_strdup_printf(_("filesystem '%s'"), fs->target ? fs->target : "?"),
                   fs->line);
        if (!fs->is_mount)
            continue;
        switch (fs->driver) {
        case DOMAIN_FS_PATH:
            if (!builder_path(builder, fs->dir, fs->readonly ? PERM_R : PERM_R | PERM_W | PERM_L,
                              ADD_TREE, error))
                return FALSE;
            break;
        case DOMAIN_FS_VIRTIOFS:
            /* somebody else runs virtiofsd: QEMU connects to its socket */
            if (fs->socket && !builder_path(builder, fs->socket, PERM_R | PERM_W, ADD_PLAIN, error))
                return FALSE;
            break;
        case DOMAIN_FS_OTHER:
            break;
        }
    }
    return TRUE;
}

static gboolean
add_inputs(Builder *builder, GError **error)
{
    GPtrArray *all = builder->domain->inputs;

    for (guint i = 0; i < all->len; i++) {
        const DomainPath *input = g_ptr_array_index(all, i);

        builder_at(builder, g_strdup("<input>"), input->line);
        if (!builder_path(builder, input->path, PERM_R | PERM_W, ADD_PLAIN, error))
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

        builder_at(builder, g_strdup("<interface type='vhostuser'>"), interface->line);
        /* passt has no path in the XML; its socket lies in a directory that libvirtd announces */
        if (interface->is_vhostuser && interface->vhostuser_path &&
            !builder_path(builder, interface->vhostuser_path, PERM_R | PERM_W, ADD_PLAIN, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_memories(Builder *builder, GError **error)
{
    GPtrArray *all = builder->domain->memories;

    for (guint i = 0; i < all->len; i++) {
        const DomainMemory *memory = g_ptr_array_index(all, i);

        builder_at(builder, g_strdup("<memory>"), memory->line);
        switch (memory->model) {
        case DOMAIN_MEMORY_NVDIMM:
        case DOMAIN_MEMORY_VIRTIO_PMEM:
        case DOMAIN_MEMORY_EGM:
            if (!builder_path(builder, memory->path, PERM_R | PERM_W, ADD_PLAIN, error))
                return FALSE;
            break;
        case DOMAIN_MEMORY_SGX_EPC:
            if (!builder_path(builder, "/dev/sgx_vepc", PERM_R | PERM_W, ADD_PLAIN, error) ||
                !builder_path(builder, "/dev/sgx_provision", PERM_R, ADD_QUIET, error))
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
        g_autofree char *path = NULL;

        builder_at(builder, g_strdup("<shmem>"), shmem->line);
        if (shmem->server_path)
            path = g_strdup(shmem->server_path);
        else if (!shmem->has_model_rule)
            continue;
        else if (shmem->plain) /* qemuBuildShmemBackendMemProps() */
            path = g_strconcat("/dev/shm/", shmem->name, NULL);
        else /* qemuDomainPrepareShmemChardev() */
            path = g_strconcat("/var/lib/libvirt/shmem-", shmem->name, "-sock", NULL);
        if (!builder_path(builder, path, PERM_R | PERM_W, ADD_PLAIN, error))
            return FALSE;
    }
    return TRUE;
}

/* What libvirtd calls the socket and the pid file of the VM's swtpm. */
static void
add_tpm_runtime(Builder *builder, const char *suffix)
{
    for (char **name = builder->model->short_names; *name; name++)
        builder_pattern(builder, RUNSTATEDIR "/libvirt/qemu/swtpm/", *name, suffix,
                        PERM_R | PERM_W);
}

static void
add_tpm_state(Builder *builder, const char *version)
{
    g_autofree char *dir = g_strdup_printf("%s/%s", builder->domain->uuid, version);

    builder_pattern(builder, LOCALSTATEDIR "/lib/libvirt/swtpm/", dir, "/", PERM_R);
    builder_pattern(builder, LOCALSTATEDIR "/lib/libvirt/swtpm/", dir, "/**",
                    PERM_R | PERM_W | PERM_K);
}

/* swtpm runs under QEMU's profile, so these are for the two of them. */
static void
add_tpm(Builder *builder, const DomainTpm *tpm)
{
    static const char *const any_version[] = {"tpm1.2", "tpm2"};

    if (!tpm->emulator)
        return;
    add_tpm_runtime(builder, "-swtpm.sock");
    /* a definition that was not completed yet has no version */
    for (gsize i = 0; i < G_N_ELEMENTS(any_version); i++)
        if (!tpm->state_dir || g_str_equal(tpm->state_dir, any_version[i]))
            add_tpm_state(builder, any_version[i]);
    builder_pattern(builder, LOCALSTATEDIR "/log/swtpm/libvirt/qemu/", builder->domain->name,
                    "-swtpm.log", PERM_W);
    add_tpm_runtime(builder, "-swtpm.pid");
}

static void
add_tpms(Builder *builder)
{
    GPtrArray *all = builder->domain->tpms;

    for (guint i = 0; i < all->len; i++) {
        const DomainTpm *tpm = g_ptr_array_index(all, i);

        builder_at(builder, g_strdup("<tpm>"), tpm->line);
        add_tpm(builder, tpm);
    }
}

static void
add_smartcards(Builder *builder)
{
    GPtrArray *all = builder->domain->smartcards;

    for (guint i = 0; i < all->len; i++) {
        const DomainSmartcard *smartcard = g_ptr_array_index(all, i);

        builder_at(builder, g_strdup("<smartcard>"), smartcard->line);
        switch (smartcard->mode) {
        case DOMAIN_SMARTCARD_HOST:
            builder_pattern(builder, "/etc/pki/nssdb", "", "/{,*}", PERM_R | PERM_K);
            break;
        case DOMAIN_SMARTCARD_HOST_CERTIFICATES:
            builder_pattern(builder, "",
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
    if (!add_filesystems(builder, error) || !add_inputs(builder, error) ||
        !add_vhostuser(builder, error) || !add_memories(builder, error) ||
        !model_add_firmware_files(builder, error) || !add_shmems(builder, error))
        return FALSE;
    add_tpms(builder);
    add_smartcards(builder);
    return TRUE;
}
