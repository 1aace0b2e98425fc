/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/grants.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "model/paths.h"

void
model_warn(Builder *builder, Origin origin, char *message)
{
    g_autofree char *owned = message;
    char *whole = origin.line
                      ? g_strdup_printf(_("line %u: %s: %s"), origin.line, origin.element, owned)
                      : g_strdup_printf("%s: %s", origin.element, owned);

    g_ptr_array_add(builder->model->warnings, whole);
}

static gboolean
refuse(Origin origin, GError **error, const char *path, const char *why)
{
    if (origin.line)
        return base_set_error(error, BASE_ERROR_FAILED, _("line %u: %s: %s: %s"), origin.line,
                              origin.element, path, why);
    return base_set_error(error, BASE_ERROR_FAILED, "%s: %s: %s", origin.element, path, why);
}

/* Resolves, judges and trims @path; the two results in a row are what a rule needs. */
static gboolean
prepare(Builder *builder, Origin origin, const char *path, Perms perms, char **existing,
        char **rest, GError **error)
{
    g_autofree char *whole = NULL;
    char *tail;

    if (strlen(path) > LIMIT_PATH_BYTES)
        return refuse(origin, error, path, _("the path is too long"));
    if (!path_resolve(builder->host, path, existing, rest, error)) {
        g_prefix_error(error, "%s: ", origin.element);
        return FALSE;
    }
    /* once an element: a disk that is to be made may have many layers, and the first says it all */
    if (**rest && !g_str_equal(*rest, "/") &&
        (origin.line == 0 || origin.line != builder->warned_line)) {
        builder->warned_line = origin.line;
        model_warn(builder, origin,
                   g_strdup_printf(_("%s: path does not exist, skipping file type checks"), path));
    }

    whole = g_strconcat(*existing, *rest, NULL);
    if (path_is_restricted(whole, (perms & PERM_W) != 0))
        return refuse(
            origin, error, path,
            perms & PERM_W
                ? _("skipped restricted file: writing to the host's system directories is not "
                    "granted to a VM")
                : _("skipped restricted file: the host's system directories are not open to a VM"));

    tail = **rest ? *rest : *existing;
    if (g_str_has_suffix(tail, "/"))
        tail[strlen(tail) - 1] = '\0';
    return TRUE;
}

gboolean
grant_path(Builder *builder, GPtrArray *to, Origin origin, const char *path, Perms perms,
           AddFlags flags, GError **error)
{
    g_autofree char *existing = NULL;
    g_autofree char *rest = NULL;
    g_autofree char *whole = NULL;
    const char *after = flags & ADD_TREE ? "/**" : "";

    if (!path)
        return refuse(origin, error, "", _("the path is missing"));
    if (*path != '/') {
        model_warn(builder, origin, g_strdup_printf(_("%s: skipped non-absolute path"), path));
        return TRUE;
    }
    if (!prepare(builder, origin, path, perms, &existing, &rest, error))
        return FALSE;

    /* nothing is left of the root directory: right for a tree, and no path for a rule alone */
    whole = g_strconcat(existing, rest, NULL);
    if (*whole == '\0' && !(flags & ADD_TREE))
        return refuse(origin, error, path, _("the root directory is no file"));
    grant_set_origin(grant_pattern(to, "", whole, after, perms), origin);
    if (flags & ADD_QUIET && !(perms & PERM_W)) {
        grant_note(to, "QEMU tries to write to it first; no line in the log for that");
        grant_set_origin(grant_deny_write(to, "", whole, after), origin);
    }
    if (flags & ADD_TREE)
        grant_set_origin(grant_pattern(to, "", whole, "/", PERM_R), origin);
    return TRUE;
}

gboolean
grant_add_file(Builder *builder, const char *path, GError **error)
{
    Origin origin = {_("extra file"), 0};
    g_autofree char *existing = NULL;
    g_autofree char *rest = NULL;
    /* QEMU maps what it gets of IOMMUFD (libvirt 12.8.0) */
    gboolean map =
        g_str_equal(path, "/dev/iommu") || g_str_has_prefix(path, "/dev/vfio/devices/vfio");
    Perms perms = map ? PERM_R | PERM_W | PERM_M : PERM_R | PERM_W | PERM_K;

    if (*path != '/') {
        model_warn(builder, origin, g_strdup_printf(_("%s: skipped non-absolute path"), path));
        return TRUE;
    }
    if (!prepare(builder, origin, path, perms, &existing, &rest, error))
        return FALSE;
    /* What exists is meant as it is written; what does not may be a pattern: libvirtd passes DIR/{,**}
     * with a DIR that it has made, and the paths of disks, which exist. */
    if (strpbrk(rest, "\"\n"))
        return refuse(origin, error, path, _("a pattern cannot contain quotes or line breaks"));
    grant_set_origin(grant_pattern(builder->model->extra, "", existing, rest, perms), origin);
    return TRUE;
}
