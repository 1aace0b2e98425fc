/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/own-path.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "grant/grant.h"
#include "host/host.h"
#include "model/paths.h"
#include "rules/rules.h"

/* As libvirt gives an image to QEMU, which locks it either way; virtiofsd maps what it reads: libraries. */
#define QEMU_WRITES     (PERM_R | PERM_W | PERM_K)
#define QEMU_READS      (PERM_R | PERM_K)
#define VIRTIOFSD_READS (PERM_R | PERM_M)

void
own_path_clear(OwnPath *path)
{
    g_clear_pointer(&path->path, g_free);
    g_clear_pointer(&path->typed, g_free);
}

/* Whether a "." or ".." is left, which no rule ever matches. */
static gboolean
has_dots(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    for (char **part = parts; *part; part++)
        if (g_str_equal(*part, ".") || g_str_equal(*part, ".."))
            return TRUE;
    return FALSE;
}

static void
trim_slashes(char *path)
{
    for (gsize len = strlen(path); len > 1 && path[len - 1] == '/'; len--)
        path[len - 1] = '\0';
}

gboolean
own_path_resolve(Ctl *ctl, const char *typed, OwnPath *path, GError **error)
{
    g_autoptr(Host) host = host_new(ctl->config->helper.host_root, error);
    g_autofree char *plain = g_strdup(typed);
    g_autofree char *existing = NULL;
    g_autofree char *rest = NULL;
    g_autofree char *whole = NULL;

    if (!host)
        return FALSE;
    if (*typed != '/')
        return base_set_error(error, BASE_ERROR_FAILED, _("%s is not an absolute path"), typed);
    if (strlen(typed) >= LIMIT_PATH_BYTES)
        return base_set_error(error, BASE_ERROR_LIMIT, _("the path has more than %d bytes"),
                              LIMIT_PATH_BYTES - 1);
    trim_slashes(plain);
    if (!path_resolve(host, plain, &existing, &rest, error))
        return FALSE;
    whole = g_strconcat(existing, rest, NULL);
    if (has_dots(whole))
        return base_set_error(error, BASE_ERROR_FAILED,
                              _("%s does not exist, and what its dots lead to is not known"),
                              typed);
    trim_slashes(whole);
    path->is_dir = g_str_has_suffix(typed, "/") || host_is_dir(host, whole);
    if (!g_str_equal(whole, plain))
        output_warning(ctl->output, _("%s is %s: that is what AppArmor judges"), plain, whole);
    path->path = g_steal_pointer(&whole);
    path->typed = g_steal_pointer(&plain);
    return TRUE;
}

/* ---- rules ---- */

static gboolean
render(const char *path, gboolean is_dir, Perms perms, GString *out, GError **error)
{
    g_autoptr(GPtrArray) grants = grants_new();

    if (!is_dir)
        grant_literal(grants, path, perms);
    else
        /* "/" is the one that ends in its slash */
        grant_pattern(grants, "", g_str_equal(path, "/") ? "" : path, "/{,**}", perms);
    return rules_render(grants, out, error);
}

char *
own_path_rules(const OwnPath *path, gboolean virtiofsd, gboolean readonly, GError **error)
{
    const Perms perms = virtiofsd ? VIRTIOFSD_READS : readonly ? QEMU_READS : QEMU_WRITES;
    g_autoptr(GString) out = g_string_new(NULL);

    if (!render(path->path, path->is_dir, perms, out, error))
        return NULL;
    return g_string_free(g_steal_pointer(&out), FALSE);
}

char *
own_path_all_rules(const OwnPath *path, GError **error)
{
    static const Perms all[] = {QEMU_WRITES, QEMU_READS, VIRTIOFSD_READS};
    g_autoptr(GString) out = g_string_new(NULL);

    for (gsize i = 0; i < G_N_ELEMENTS(all); i++)
        if (!render(path->path, FALSE, all[i], out, error) ||
            !render(path->path, TRUE, all[i], out, error) ||
            !render(path->typed, FALSE, all[i], out, error) ||
            !render(path->typed, TRUE, all[i], out, error))
            return NULL;
    return g_string_free(g_steal_pointer(&out), FALSE);
}

/* ---- what is to be said ---- */

static gboolean
is_restricted(const OwnPath *path, gboolean readonly)
{
    if (path_is_restricted(path->path, !readonly))
        return TRUE;
    return path->is_dir && path_judge_tree(path->path, !readonly) != TREE_FREE;
}

void
own_path_warn(Ctl *ctl, const OwnPath *path, gboolean readonly)
{
    if (is_restricted(path, readonly))
        output_warning(
            ctl->output,
            readonly ? _("%s is, lies in or contains a system directory, which no VM gets by its "
                         "definition: whoever takes over QEMU can read it")
                     : _("%s is, lies in or contains a system directory, which no VM gets by its "
                         "definition: whoever takes over QEMU can change it"),
            path->path);
    if (path_lies_in(path->path, "/dev"))
        output_warning(
            ctl->output, "%s",
            _("a device also has to be in cgroup_device_acl of /etc/libvirt/qemu.conf, or in the "
              "VM's definition: libvirt keeps others from QEMU without AppArmor"));
}

gboolean
own_path_check_virtiofsd(const OwnPath *path, gboolean readonly, GError **error)
{
    static const char *const readable[] = {"/usr", "/lib", "/lib64"};

    for (gsize i = 0; i < G_N_ELEMENTS(readable) && readonly; i++)
        if (path_lies_in(path->path, readable[i]))
            return TRUE;
    if (!readonly)
        return base_set_error(
            error, BASE_ERROR_FAILED,
            _("no rule lets virtiofsd write to %s: all that it does not share is mounted read-only "
              "for it. "
              "Share it: <filesystem> with <source dir='%s'/>, virsh attach-device"),
            path->path, path->path);
    return base_set_error(
        error, BASE_ERROR_FAILED,
        _("no rule lets virtiofsd read %s: Landlock keeps it to its share, and to /usr, /lib and "
          "/lib64. "
          "Share it: <filesystem> with <source dir='%s'/> and <readonly/>, virsh attach-device"),
        path->path, path->path);
}
