/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "model/builder.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "base/limits.h"
#include "model/paths.h"

void
builder_at(Builder *builder, char *element, guint line)
{
    g_free(builder->element);
    builder->element = element;
    builder->line = line;
    builder->warned = FALSE;
}

void
builder_clear(Builder *builder)
{
    g_clear_pointer(&builder->element, g_free);
    g_clear_pointer(&builder->chains, g_hash_table_unref);
}

/* Marks @grant as what the element asks for that the builder is at. */
static void
mark(const Builder *builder, Grant *grant)
{
    grant_set_origin(grant, (Origin){builder->element, builder->line});
}

void
builder_warn(Builder *builder, char *message)
{
    g_autofree char *owned = message;
    char *whole = builder->line ? g_strdup_printf(_("line %u: %s: %s"), builder->line,
                                                  builder->element, owned)
                                : g_strdup_printf("%s: %s", builder->element, owned);

    g_ptr_array_add(builder->model->warnings, whole);
}

static gboolean
refuse(const Builder *builder, const char *path, const char *why, GError **error)
{
    if (builder->line)
        return base_set_error(error, BASE_ERROR_FAILED, _("line %u: %s: %s: %s"), builder->line,
                              builder->element, path, why);
    return base_set_error(error, BASE_ERROR_FAILED, "%s: %s: %s", builder->element, path, why);
}

/* A path as a rule has it: resolved, and without a slash at its end. */
typedef struct {
    char *existing; /* the part that exists */
    char *rest;     /* what follows */
} Resolved;

static void
resolved_clear(Resolved *resolved)
{
    g_free(resolved->existing);
    g_free(resolved->rest);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Resolved, resolved_clear)

static void
warn_if_missing(Builder *builder, const char *path, const Resolved *resolved)
{
    /* once an element: a disk that is to be made may have many layers, and the first says it all */
    if (builder->warned || *resolved->rest == '\0' || g_str_equal(resolved->rest, "/"))
        return;
    builder->warned = TRUE;
    builder_warn(builder,
                 g_strdup_printf(_("%s: path does not exist, skipping file type checks"), path));
}

/* @whole: what @path resolves to */
static gboolean
check_restricted(Builder *builder, const char *path, const char *whole, Perms perms, GError **error)
{
    gboolean writes = (perms & PERM_W) != 0;
    g_autofree char *advice = NULL;
    g_autofree char *why = NULL;

    if (!path_is_restricted(whole, writes) ||
        (writes ? settings_allows_write(builder->settings, whole)
                : settings_allows_read(builder->settings, whole)))
        return TRUE;
    advice =
        settings_advice(builder->settings, whole,
                        writes ? SETTINGS_ALLOW_WRITE : SETTINGS_ALLOW_READ, MODEL_SETTINGS_FILE);
    why = writes ? g_strdup_printf(_("skipped restricted file: writing to the host's system "
                                     "directories is not granted to a VM; %s"),
                                   advice)
                 : g_strdup_printf(_("skipped restricted file: the host's system directories are "
                                     "not open to a VM; %s"),
                                   advice);
    return refuse(builder, path, why, error);
}

static gboolean
resolve(Builder *builder, const char *path, Perms perms, Resolved *resolved, GError **error)
{
    g_autofree char *whole = NULL;
    char *tail;

    if (strlen(path) > LIMIT_PATH_BYTES)
        return refuse(builder, path, _("the path is too long"), error);
    if (!path_resolve(builder->host, path, &resolved->existing, &resolved->rest, error)) {
        if (builder->line)
            g_prefix_error(error, _("line %u: %s: "), builder->line, builder->element);
        else
            g_prefix_error(error, "%s: ", builder->element);
        return FALSE;
    }
    warn_if_missing(builder, path, resolved);

    whole = g_strconcat(resolved->existing, resolved->rest, NULL);
    if (!check_restricted(builder, path, whole, perms, error))
        return FALSE;

    tail = *resolved->rest ? resolved->rest : resolved->existing;
    if (g_str_has_suffix(tail, "/"))
        tail[strlen(tail) - 1] = '\0';
    return TRUE;
}

/* A rule's path begins at the root; libvirt's helper warns and goes on, too. */
static gboolean
is_absolute(Builder *builder, const char *path)
{
    if (*path == '/')
        return TRUE;
    builder_warn(builder, g_strdup_printf(_("%s: skipped non-absolute path"), path));
    return FALSE;
}

gboolean
builder_check_tree(Builder *builder, const char *dir, gboolean readonly, GError **error)
{
    g_autofree char *where =
        builder->line ? g_strdup_printf(_("line %u: %s"), builder->line, builder->element)
                      : g_strdup(builder->element);
    g_autofree char *doubt = NULL;

    /* a container's root may well be the host's */
    if (builder->domain->virt != DOMAIN_VIRT_QEMU && builder->domain->virt != DOMAIN_VIRT_KVM)
        return TRUE;
    if (!model_tree_check(builder->settings, where, *dir ? dir : "/", readonly, &doubt, error))
        return FALSE;
    if (doubt)
        g_ptr_array_add(builder->model->warnings, g_steal_pointer(&doubt));
    return TRUE;
}

static gboolean
add_path(Builder *builder, const char *path, Perms perms, AddFlags flags, GError **error)
{
    GPtrArray *to = builder->model->grants;
    const char *after = flags & ADD_TREE ? "/**" : flags & ADD_NAMES ? "*" : "";
    g_auto(Resolved) resolved = {NULL};
    g_autofree char *whole = NULL;

    if (!path)
        return refuse(builder, "", _("the path is missing"), error);
    if (!is_absolute(builder, path))
        return TRUE;
    builder->warned |= (flags & ADD_NAMES) != 0;
    if (!resolve(builder, path, perms, &resolved, error))
        return FALSE;

    /* nothing is left of the root directory: right for a tree, and no path for a rule alone */
    whole = g_strconcat(resolved.existing, resolved.rest, NULL);
    if (*whole == '\0' && !(flags & ADD_TREE))
        return refuse(builder, path, _("the root directory is no file"), error);
    if (flags & ADD_TREE && !builder_check_tree(builder, whole, !(perms & PERM_W), error))
        return FALSE;
    mark(builder, grant_pattern(to, "", whole, after, perms));
    if (flags & ADD_QUIET && !(perms & PERM_W)) {
        grant_note(to, "QEMU tries to write to it first; no line in the log for that");
        mark(builder, grant_deny_write(to, "", whole, after));
    }
    if (flags & ADD_TREE)
        mark(builder, grant_pattern(to, "", whole, "/", PERM_R));
    return TRUE;
}

/* The message of refuse(), which begins with the place, as builder_warn() would. */
static void
warn_of(Builder *builder, const GError *refused)
{
    g_ptr_array_add(builder->model->warnings, g_strdup(refused->message));
}

gboolean
builder_path(Builder *builder, const char *path, Perms perms, AddFlags flags, GError **error)
{
    g_autoptr(GError) refused = NULL;

    if (!(flags & ADD_OPTIONAL))
        return add_path(builder, path, perms, flags, error);
    if (!add_path(builder, path, perms, flags, &refused))
        warn_of(builder, refused);
    return TRUE;
}

void
builder_pattern(Builder *builder, const char *before, const char *literal, const char *after,
                Perms perms)
{
    mark(builder, grant_pattern(builder->model->grants, before, literal, after, perms));
}

/* By its own name and in its own place, and not by a link of that name, which anybody may have made. */
static gboolean
is_own_tree(const ModelExtra *extra, const char *resolved)
{
    g_autofree char *asked = g_path_get_basename(extra->path);
    g_autofree char *found = g_path_get_basename(resolved);

    return extra->own && g_str_equal(asked, found) && path_is_below_libvirts(resolved);
}

/* libvirtd's own directories lie where no VM may have any other. */
static gboolean
check_extra_tree(Builder *builder, const ModelExtra *extra, const char *argument, const char *dir,
                 GError **error)
{
    const char *tree = *dir ? dir : "/";
    g_autofree char *advice = NULL;
    g_autofree char *why = NULL;

    if (settings_allows_write(builder->settings, tree) ||
        (is_own_tree(extra, tree) ? !path_holds_restricted(tree)
                                  : path_judge_tree(tree, TRUE) != TREE_REFUSED))
        return TRUE;
    advice = settings_advice(builder->settings, tree, SETTINGS_ALLOW_WRITE, MODEL_SETTINGS_FILE);
    why = g_strdup_printf(_("a system directory with all below it is not granted to a VM; %s"),
                          advice);
    return refuse(builder, argument, why, error);
}

gboolean
builder_extra(Builder *builder, const ModelExtra *extra, GError **error)
{
    const char *after = extra->tree ? "/{,**}" : "";
    g_autofree char *argument = g_strconcat(extra->path, after, NULL);
    g_auto(Resolved) resolved = {NULL};
    g_autofree char *whole = NULL;

    builder_at(builder, g_strdup(_("extra file")), 0);
    if (!is_absolute(builder, argument))
        return TRUE;
    /* libvirt's helper takes the pattern for a part of the path, and warns that it does not exist */
    if (extra->tree)
        builder_warn(
            builder,
            g_strdup_printf(_("%s: path does not exist, skipping file type checks"), argument));
    builder->warned = extra->tree;
    if (!resolve(builder, extra->path, extra->perms, &resolved, error))
        return FALSE;
    whole = g_strconcat(resolved.existing, resolved.rest, NULL);
    if (extra->tree && !check_extra_tree(builder, extra, argument, whole, error))
        return FALSE;
    if (*whole == '\0')
        return refuse(builder, argument, _("the root directory is no file"), error);
    mark(builder, grant_pattern(builder->model->extra, "", whole, after, extra->perms));
    return TRUE;
}
