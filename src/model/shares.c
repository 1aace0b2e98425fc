/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "model/daemon.h"
#include "model/paths.h"
#include "virtiofsd/label.h"

/*
 * What the VM's virtiofsd may touch. All virtiofsds of a VM have one label, so that of two shares that
 * overlap the wider one counts: the guest can write there through it anyway.
 */

static gboolean
refuse_tree(const Settings *settings, const char *where, const char *dir, gboolean readonly,
            GError **error)
{
    g_autofree char *advice = settings_advice(
        settings, dir, readonly ? SETTINGS_ALLOW_READ : SETTINGS_ALLOW_WRITE, MODEL_SETTINGS_FILE);

    if (readonly)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s: %s is or contains a directory with the host's secrets and is "
                                "not shared: share what is needed of it, or %s"),
                              where, dir, advice);
    if (path_judge_tree(dir, FALSE) == TREE_REFUSED)
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s: %s is, lies in or contains a system directory and is not "
                                "shared: share what is needed of it, or %s"),
                              where, dir, advice);
    return base_set_error(error, BASE_ERROR_FAILED,
                          _("%s: %s is, lies in or contains a system directory and is not shared "
                            "for writing: add <readonly/>, or %s"),
                          where, dir, advice);
}

gboolean
model_tree_check(const Settings *settings, const char *where, const char *dir, gboolean readonly,
                 char **doubt, GError **error)
{
    *doubt = NULL;
    if (readonly ? settings_allows_read(settings, dir) : settings_allows_write(settings, dir))
        return TRUE;
    switch (path_judge_tree(dir, !readonly)) {
    case TREE_FREE:
        return TRUE;
    case TREE_DOUBTFUL:
        *doubt = g_strdup_printf(_("%s: %s lies in a directory of the host's own programs; its "
                                   "guest gets all that is in it"),
                                 where, dir);
        return TRUE;
    case TREE_REFUSED:
        return refuse_tree(settings, where, dir, readonly, error);
    }
    g_assert_not_reached();
}

gboolean
model_share_check(const ShareAsked *asked, Host *host, const Settings *settings, char **resolved,
                  char **doubt, GError **error)
{
    g_autofree char *where = asked->line
                                 ? g_strdup_printf(_("line %u: %s"), asked->line, asked->what)
                                 : g_strdup(asked->what);
    g_autofree char *existing = NULL;
    g_autofree char *rest = NULL;
    g_autofree char *whole = NULL;

    if (*asked->dir != '/')
        return base_set_error(error, BASE_ERROR_FAILED, _("%s: '%s' is not an absolute path"),
                              where, asked->dir);
    if (!path_resolve(host, asked->dir, &existing, &rest, error)) {
        g_prefix_error(error, "%s: ", where);
        return FALSE;
    }
    whole = g_strconcat(existing, rest, NULL);
    if (host_exists(host, whole) && !host_is_dir(host, whole))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s: %s is not a directory; virtiofsd serves directories only"),
                              where, whole);
    if (!model_tree_check(settings, where, whole, asked->readonly, doubt, error))
        return FALSE;

    *resolved = g_steal_pointer(&whole);
    return TRUE;
}

static void
add_tree(const char *dir, gboolean readonly, GPtrArray *to)
{
    g_autofree char *base = g_strdup(dir);

    for (gsize len = strlen(base); len > 0 && base[len - 1] == '/'; len--)
        base[len - 1] = '\0';
    grant_pattern(to, "", base, "/", PERM_R);
    grant_pattern(to, "", base, "/**",
                  readonly ? PERM_R | PERM_K : PERM_R | PERM_W | PERM_L | PERM_K);
}

/*
 * What libvirt leaves open in it: the file of its number, which the launcher hands on for reading
 * (qemuVirtioFSCreatePidFilename()), and where qemu.conf says stdio_handler = "file" its log
 * (qemuVirtioFSOpenChardev()). A pipe of virtlogd, the default, has no path and needs no rule.
 */
static void
add_inherited(const ServedShare *share, GPtrArray *to)
{
    g_autofree char *log = g_strdup_printf("%s-%s", share->domain, share->alias);

    for (const char *const *name = share->short_names; *name; name++) {
        g_autofree char *pid = g_strdup_printf("%s-%s", *name, share->alias);

        grant_pattern(to, RUNSTATEDIR "/libvirt/qemu/", pid, "-fs.pid", PERM_R);
    }
    grant_pattern(to, LOCALSTATEDIR "/log/libvirt/qemu/", log, "-virtiofsd.log", PERM_A);
}

void
model_share_grants(const ServedShare *share, GPtrArray *to)
{
    add_tree(share->dir, share->readonly, to);
    add_inherited(share, to);
}

void
model_memory_grants(const char *dir, GPtrArray *to)
{
    grant_pattern(to, "", dir, "/{,**}", PERM_R | PERM_W);
}

/* What libvirtd calls the files and sockets of this VM, as far as that can be told before it says. */
static void
add_base(Builder *builder, const char *qemu_label, GPtrArray *options)
{
    const Domain *domain = builder->domain;
    GPtrArray *to = builder->model->virtiofsd_base;
    const char *binary = settings_binary(builder->settings, domain->name);

    daemon_capabilities(options, to, builder->model->virtiofsd_writer);
    grant_unix_peer(to, qemu_label);
    for (char **name = builder->model->short_names; *name; name++)
        grant_pattern(to, LOCALSTATEDIR "/lib/libvirt/qemu/domain-", *name, "/*-fs.sock",
                      PERM_R | PERM_W);
    if (binary)
        grant_pattern(to, "", binary, "", PERM_M | PERM_R);
    for (char **name = builder->model->short_names; domain->memory_in_files && *name; name++) {
        grant_pattern(to, LOCALSTATEDIR "/lib/libvirt/qemu/ram/", *name, "/{,**}", PERM_R | PERM_W);
        grant_pattern(to, "/dev/hugepages/libvirt/qemu/", *name, "/{,**}", PERM_R | PERM_W);
    }
}

/* Whether @fs of @domain is served by a virtiofsd that libvirt runs. */
static gboolean
is_share(const Domain *domain, const DomainFilesystem *fs)
{
    return (domain->virt == DOMAIN_VIRT_QEMU || domain->virt == DOMAIN_VIRT_KVM) && fs->is_mount &&
           fs->driver == DOMAIN_FS_VIRTIOFS && !fs->socket;
}

gboolean
model_has_shares(const Domain *domain)
{
    const DomainFilesystem *fs;
    guint at = 0;

    while ((fs = domain_next_device(domain, DOMAIN_DEVICE_FILESYSTEM, &at)))
        if (is_share(domain, fs))
            return TRUE;
    return FALSE;
}

gboolean
model_add_shares(Builder *builder, GError **error)
{
    const Domain *domain = builder->domain;
    Model *model = builder->model;
    g_autofree char *qemu_label = g_strconcat("libvirt-", domain->uuid, NULL);
    g_autofree char *label = label_from_profile(qemu_label);
    g_autoptr(GPtrArray) options = settings_options(builder->settings, domain->name);
    const DomainFilesystem *fs;
    guint at = 0;
    guint n = 0;

    if (domain->virt != DOMAIN_VIRT_QEMU && domain->virt != DOMAIN_VIRT_KVM)
        return TRUE;
    add_base(builder, qemu_label, options);
    model->shares_readonly = daemon_is_readonly(options);
    grant_unix_peer(model->qemu_peer, label);
    while ((fs = domain_next_device(domain, DOMAIN_DEVICE_FILESYSTEM, &at))) {
        g_autofree char *what =
            g_strdup_printf(_("filesystem '%s'"), fs->target ? fs->target : "?");
        g_autofree char *doubt = NULL;
        ShareAsked asked;
        Share *share;
        guint index = n++;

        if (!is_share(domain, fs))
            continue;
        if (!fs->dir)
            return base_set_error(error, BASE_ERROR_FAILED,
                                  _("line %u: %s: the directory is missing"), fs->device.line,
                                  what);
        share = g_new0(Share, 1);
        g_ptr_array_add(model->shares, share);
        /* before the VM runs its devices have no names, which then follow their order:
         * qemuAssignDeviceFSAlias() */
        share->alias = fs->alias ? g_strdup(fs->alias) : g_strdup_printf("fs%u", index);
        share->binary = g_strdup(fs->binary);
        share->element = g_strdup(what);
        share->line = fs->device.line;
        share->readonly = fs->readonly || model->shares_readonly;
        asked = (ShareAsked){what, fs->device.line, fs->dir, share->readonly};
        if (!model_share_check(&asked, builder->host, builder->settings, &share->dir, &doubt,
                               error))
            return FALSE;
        if (doubt)
            g_ptr_array_add(model->warnings, g_steal_pointer(&doubt));
    }
    return TRUE;
}
