/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <string.h>

/* TPMs: an emulator that libvirtd starts, one that somebody else did, or the host's own. */

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

/* <source type='dir'>, or 'file': libvirt's directories are not looked at then. */
static gboolean
add_named_state(Builder *builder, const DomainTpm *tpm, GError **error)
{
    AddFlags flags = tpm->path_is_dir ? ADD_OPTIONAL | ADD_TREE : ADD_OPTIONAL;

    return !tpm->path || builder_path(builder, tpm->path, PERM_R | PERM_W | PERM_K, flags, error);
}

/* swtpm runs under QEMU's profile, so these are for the two of them. */
static gboolean
add_emulator(Builder *builder, const DomainTpm *tpm, GError **error)
{
    static const char *const any_version[] = {"tpm1.2", "tpm2"};

    add_tpm_runtime(builder, "-swtpm.sock");
    /* a definition that was not completed yet has no version */
    for (gsize i = 0; i < G_N_ELEMENTS(any_version); i++)
        if (!tpm->state_dir || g_str_equal(tpm->state_dir, any_version[i]))
            add_tpm_state(builder, any_version[i]);
    builder_pattern(builder, LOCALSTATEDIR "/log/swtpm/libvirt/qemu/", builder->domain->name,
                    "-swtpm.log", PERM_W);
    add_tpm_runtime(builder, "-swtpm.pid");
    return add_named_state(builder, tpm, error);
}

/* The file in sysfs by which a command of the host's TPM is cancelled (virTPMCreateCancelPath()). */
static char *
find_cancel(Host *host, const char *device)
{
    static const char *const classes[] = {"misc", "tpm"};
    const char *name = strrchr(device, '/');

    if (!name || name[1] == '.')
        return NULL;
    for (gsize i = 0; i < G_N_ELEMENTS(classes); i++) {
        g_autofree char *path = g_strdup_printf("/sys/class/%s%s/device/cancel", classes[i], name);
        char *resolved = host_realpath(host, path);

        if (resolved)
            return resolved;
    }
    return NULL;
}

/*
 * libvirtd opens both and passes the descriptors, which AppArmor checks when they are used. The rule for
 * the second is not judged: sysfs is restricted, and the path is not of the XML but for its one name.
 */
static gboolean
add_host_tpm(Builder *builder, const char *device, GError **error)
{
    g_autofree char *cancel = find_cancel(builder->host, device);

    if (cancel)
        builder_pattern(builder, "", cancel, "", PERM_W);
    return builder_path(builder, device, PERM_R | PERM_W, ADD_OPTIONAL, error);
}

gboolean
model_add_tpm(Builder *builder, gconstpointer device, GError **error)
{
    const DomainTpm *tpm = device;

    switch (tpm->type) {
    case DOMAIN_TPM_EMULATOR:
        return add_emulator(builder, tpm, error);
    case DOMAIN_TPM_PASSTHROUGH:
        return !tpm->path || add_host_tpm(builder, tpm->path, error);
    case DOMAIN_TPM_EXTERNAL:
        return !tpm->path || builder_path(builder, tpm->path, PERM_R | PERM_W, ADD_OPTIONAL, error);
    case DOMAIN_TPM_OTHER:
        return TRUE;
    }
    g_assert_not_reached();
}
