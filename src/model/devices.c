/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <glib/gi18n-lib.h>

#include "model/paths.h"

/* The devices that need few lines each, and the order of all. */

static gboolean
add_filesystem(Builder *builder, gconstpointer device, GError **error)
{
    const DomainFilesystem *fs = device;

    builder_at(builder, g_strdup_printf(_("filesystem '%s'"), fs->target ? fs->target : "?"),
               fs->device.line);
    if (!fs->is_mount)
        return TRUE;
    switch (fs->driver) {
    case DOMAIN_FS_PATH:
        return builder_path(builder, fs->dir, fs->readonly ? PERM_R : PERM_R | PERM_W | PERM_L,
                            ADD_TREE, error);
    case DOMAIN_FS_VIRTIOFS:
        /* somebody else runs virtiofsd: QEMU connects to its socket */
        return !fs->socket ||
               builder_path(builder, fs->socket, PERM_R | PERM_W, ADD_OPTIONAL, error);
    case DOMAIN_FS_MTP:
        /* QEMU itself is the media player, and makes no links (hw/usb/dev-mtp.c) */
        return builder_path(builder, fs->dir, fs->readonly ? PERM_R : PERM_R | PERM_W,
                            ADD_TREE | ADD_OPTIONAL, error);
    case DOMAIN_FS_OTHER:
        return TRUE;
    }
    g_assert_not_reached();
}

static gboolean
add_input(Builder *builder, gconstpointer device, GError **error)
{
    const DomainInput *input = device;

    return builder_path(builder, input->path, PERM_R | PERM_W, ADD_PLAIN, error);
}

/*
 * Whether QEMU reaches passt as a network stream or by vhost-user, libvirtd has passt listen at
 * qemuPasstCreateSocketPath(): below a directory of its own, which is not announced.
 */
static void
add_passt(Builder *builder, const char *alias)
{
    g_autofree char *suffix = alias ? g_strconcat("-", alias, ".socket", NULL) : NULL;

    for (char **name = builder->model->short_names; *name; name++) {
        g_autofree char *socket = g_strconcat(*name, suffix, NULL);

        /* before the VM has an id its devices have no alias */
        builder_pattern(builder, RUNSTATEDIR "/libvirt/qemu/passt/", socket,
                        suffix ? "" : "-*.socket", PERM_R | PERM_W);
    }
}

static gboolean
add_interface(Builder *builder, gconstpointer device, GError **error)
{
    const DomainInterface *interface = device;
    /* libvirtd passes descriptors of these, which AppArmor checks */
    const char *devices[] = {interface->vdpa, interface->vhost};

    if (!model_add_rom(builder, interface->rom, error))
        return FALSE;
    if (interface->is_passt)
        add_passt(builder, interface->alias);
    for (gsize i = 0; i < G_N_ELEMENTS(devices); i++)
        if (devices[i] && !builder_path(builder, devices[i], PERM_R | PERM_W, ADD_OPTIONAL, error))
            return FALSE;
    if (!interface->is_vhostuser || !interface->vhostuser_path)
        return TRUE;
    builder_at(builder, g_strdup("<interface type='vhostuser'>"), interface->device.line);
    return builder_path(builder, interface->vhostuser_path, PERM_R | PERM_W, ADD_PLAIN, error);
}

/*
 * A file that the guest has as memory. QEMU hands all memory to virtiofsd, as descriptors, which AppArmor
 * checks on receipt by the names of their files.
 */
static gboolean
add_memory_file(Builder *builder, const char *path, GError **error)
{
    GPtrArray *grants = builder->model->grants;
    guint before = grants->len;

    if (!builder_path(builder, path, PERM_R | PERM_W, ADD_PLAIN, error))
        return FALSE;
    for (guint i = before; i < grants->len; i++)
        g_ptr_array_add(builder->model->virtiofsd_base, grant_copy(g_ptr_array_index(grants, i)));
    return TRUE;
}

static gboolean
add_memory(Builder *builder, gconstpointer device, GError **error)
{
    const DomainMemory *memory = device;

    switch (memory->model) {
    case DOMAIN_MEMORY_NVDIMM:
    case DOMAIN_MEMORY_VIRTIO_PMEM:
    case DOMAIN_MEMORY_EGM:
        return add_memory_file(builder, memory->path, error);
    case DOMAIN_MEMORY_SGX_EPC:
        return builder_path(builder, "/dev/sgx_vepc", PERM_R | PERM_W, ADD_PLAIN, error) &&
               builder_path(builder, "/dev/sgx_provision", PERM_R, ADD_QUIET, error);
    case DOMAIN_MEMORY_OTHER:
        return TRUE;
    }
    g_assert_not_reached();
}

static gboolean
add_shmem(Builder *builder, gconstpointer device, GError **error)
{
    const DomainShmem *shmem = device;
    g_autofree char *path = NULL;

    if (shmem->server_path)
        path = g_strdup(shmem->server_path);
    else if (!shmem->has_model_rule)
        return TRUE;
    else if (shmem->plain) /* qemuBuildShmemBackendMemProps() */
        path = g_strconcat("/dev/shm/", shmem->name, NULL);
    else /* qemuDomainPrepareShmemChardev() */
        path = g_strconcat("/var/lib/libvirt/shmem-", shmem->name, "-sock", NULL);
    return builder_path(builder, path, PERM_R | PERM_W, ADD_PLAIN, error);
}

#define NSS_DATABASE "/etc/pki/nssdb"

/* A database of certificates is a directory, and all that is in it gets a rule. */
static gboolean
add_nss_database(Builder *builder, const char *database, GError **error)
{
    g_autofree char *existing = NULL;
    g_autofree char *rest = NULL;
    g_autofree char *whole = NULL;

    if (!path_resolve(builder->host, database, &existing, &rest, error))
        return FALSE;
    whole = g_strconcat(existing, rest, NULL);
    /* below /etc is where databases are, and worth no warning */
    if (path_judge_tree(whole, FALSE) != TREE_DOUBTFUL &&
        !builder_check_tree(builder, whole, TRUE, error))
        return FALSE;
    builder_pattern(builder, "", whole, "/{,*}", PERM_R | PERM_K);
    return TRUE;
}

static gboolean
add_smartcard(Builder *builder, gconstpointer device, GError **error)
{
    const DomainSmartcard *smartcard = device;

    switch (smartcard->mode) {
    case DOMAIN_SMARTCARD_HOST:
        builder_pattern(builder, NSS_DATABASE, "", "/{,*}", PERM_R | PERM_K);
        return TRUE;
    case DOMAIN_SMARTCARD_HOST_CERTIFICATES:
        if (smartcard->database && !g_str_equal(smartcard->database, NSS_DATABASE))
            return add_nss_database(builder, smartcard->database, error);
        builder_pattern(builder, "", NSS_DATABASE, "/{,*}", PERM_R | PERM_K);
        return TRUE;
    case DOMAIN_SMARTCARD_PASSTHROUGH:
        return model_add_new_chardev(builder, &smartcard->chardev, error);
    case DOMAIN_SMARTCARD_OTHER:
        return TRUE;
    }
    g_assert_not_reached();
}

/* libvirt's abstraction for QEMU has them, by abstractions/base. */
static gboolean
is_kernel_random(const char *path)
{
    return g_str_equal(path, "/dev/urandom") || g_str_equal(path, "/dev/random");
}

static gboolean
add_rng(Builder *builder, gconstpointer device, GError **error)
{
    const DomainRng *rng = device;

    if (rng->file && !is_kernel_random(rng->file))
        return builder_path(builder, rng->file, PERM_R, ADD_OPTIONAL, error);
    return model_add_new_chardev(builder, &rng->egd, error);
}

/*
 * libvirtd opens it and passes the descriptor (qemuProcessOpenVhostVsock()). One that is inherited QEMU
 * only makes ioctls with, which AppArmor does not check; one that is passed to a running QEMU is checked.
 */
static gboolean
add_vsock(Builder *builder, gconstpointer device G_GNUC_UNUSED, GError **error G_GNUC_UNUSED)
{
    builder_pattern(builder, "/dev/vhost-vsock", "", "", PERM_R | PERM_W);
    return TRUE;
}

/*
 * The order of the rules is libvirt's get_files(): kind after kind, and what is booted from between them.
 * It means nothing to AppArmor, but whoever compares the two helpers' files sees what differs.
 */
static const struct {
    DomainDeviceKind kind; /* of what add_device is called for; DOMAIN_DEVICE_NONE: see add */
    gboolean (*add_device)(Builder *builder, gconstpointer device, GError **error);
    ModelStage add; /* what is no device */
} order[] = {
    {DOMAIN_DEVICE_DISK, model_add_disk},
    {DOMAIN_DEVICE_SERIAL, model_add_chardev},
    {DOMAIN_DEVICE_CONSOLE, model_add_chardev},
    {DOMAIN_DEVICE_PARALLEL, model_add_chardev},
    {DOMAIN_DEVICE_CHANNEL, model_add_chardev},
    {.add = model_add_boot},
    {DOMAIN_DEVICE_GRAPHICS, model_add_graphics},
    {DOMAIN_DEVICE_HOSTDEV, model_add_hostdev},
    {DOMAIN_DEVICE_FILESYSTEM, add_filesystem},
    {DOMAIN_DEVICE_INPUT, add_input},
    {DOMAIN_DEVICE_INTERFACE, add_interface},
    {DOMAIN_DEVICE_MEMORY, add_memory},
    {.add = model_add_firmware_files},
    {DOMAIN_DEVICE_SHMEM, add_shmem},
    {DOMAIN_DEVICE_TPM, model_add_tpm},
    {DOMAIN_DEVICE_SMARTCARD, add_smartcard},
    {DOMAIN_DEVICE_RNG, add_rng},
    {DOMAIN_DEVICE_AUDIO, model_add_audio},
    {DOMAIN_DEVICE_REDIRDEV, model_add_new_chardev},
    {DOMAIN_DEVICE_VSOCK, add_vsock},
    {.add = model_add_commandline},
};

gboolean
model_add_devices(Builder *builder, GError **error)
{
    for (gsize i = 0; i < G_N_ELEMENTS(order); i++) {
        const DomainDevice *device;
        guint at = 0;

        if (order[i].add && !order[i].add(builder, error))
            return FALSE;
        while (order[i].add_device &&
               (device = domain_next_device(builder->domain, order[i].kind, &at))) {
            builder_at(builder, g_strdup_printf("<%s>", device->element), device->line);
            if (!order[i].add_device(builder, device, error))
                return FALSE;
        }
    }
    return TRUE;
}
