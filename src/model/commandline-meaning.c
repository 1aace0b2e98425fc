/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "host/drm.h"
#include "model/commandline.h"
#include "model/paths.h"
#include "qemu/pairs.h"

/* What a value means: grants. The element that the builder is at is the option. */

/*
 * Of what no rule opens (path_is_restricted()), what QEMU may read by libvirt's abstraction for it. There a
 * rule is neither needed nor a reason to refuse a VM that starts today.
 */
static const char *const readable[] = {
    "/etc/pki/CA",
    "/etc/pki/libvirt",
    "/etc/pki/libvirt-spice",
    "/etc/pki/libvirt-vnc",
    "/etc/pki/qemu",
    "/usr/share/bochs",
    "/usr/share/kvm",
    "/usr/share/misc/sgabios.bin",
    "/usr/share/openbios",
    "/usr/share/openhackware",
    "/usr/share/proll",
    "/usr/share/qemu",
    "/usr/share/qemu-kvm",
    "/usr/share/seabios",
    "/usr/share/sgabios",
    "/usr/share/slof",
    "/usr/share/vgabios",
    "/dev/random",
    "/dev/urandom",
};

/* Those of abstractions/base, which that includes: all is read, and libraries are mapped. */
static gboolean
is_library(const char *path, Perms perms)
{
    static const char *const dirs[] = {"/lib/",     "/lib32/",     "/lib64/",
                                       "/usr/lib/", "/usr/lib32/", "/usr/lib64/"};

    if (perms & PERM_M && !strstr(path, ".so"))
        return FALSE;
    for (gsize i = 0; i < G_N_ELEMENTS(dirs); i++)
        if (g_str_has_prefix(path, dirs[i]))
            return TRUE;
    return FALSE;
}

static gboolean
is_readable(CommandLine *line, const char *path, Perms perms)
{
    g_autofree char *existing = NULL;
    g_autofree char *rest = NULL;
    g_autofree char *whole = NULL;

    if (!path_resolve(line->builder->host, path, &existing, &rest, NULL))
        return FALSE;
    whole = g_strconcat(existing, rest, NULL);
    if (is_library(whole, perms))
        return TRUE;
    for (gsize i = 0; !(perms & PERM_M) && i < G_N_ELEMENTS(readable); i++) {
        gsize len = strlen(readable[i]);

        if (strncmp(whole, readable[i], len) == 0 && (whole[len] == '/' || whole[len] == '\0'))
            return TRUE;
    }
    return FALSE;
}

gboolean
commandline_path(CommandLine *line, const char *path, Perms perms, AddFlags flags, GError **error)
{
    if (!(perms & (PERM_W | PERM_L)) && *path == '/' && is_readable(line, path, perms))
        return TRUE;
    return builder_path(line->builder, path, perms, flags, error);
}

/* Where an absolute path begins: "/a", "unix:/a", "conf=/a"; "nbd://host/a" and "a/b" have none, and what
 * begins like QEMU's own tree of objects is of that. */
static const char *
path_in(const char *value)
{
    for (const char *at = strchr(value, '/'); at; at = strchr(at + 1, '/')) {
        if (at != value && !strchr(":= ", at[-1]))
            continue;
        /* "fd00::/64" is a network */
        if (at != value && at[1] && at[1 + strspn(at + 1, "0123456789")] == '\0')
            return NULL;
        if (at != value && at[1] == '/')
            return NULL;
        if (at[1] != '\0' && at[1] != ' ' && !g_str_has_prefix(at, "/machine/") &&
            !g_str_has_prefix(at, "/objects/"))
            return at;
    }
    return NULL;
}

void
commandline_warn(CommandLine *line, const char *value)
{
    const char *path = path_in(value);

    if (path)
        builder_warn(
            line->builder,
            g_strdup_printf(_("%s: what QEMU does with this path is not known here, and it "
                              "gets no rule; if QEMU needs it, allow it in %s"),
                            path, MODEL_LOCAL_RULES));
}

/* Guest memory: virtiofsd gets it as descriptors, which are checked by their files' names. */
static gboolean
add_memory(CommandLine *line, const char *path, GError **error)
{
    Builder *builder = line->builder;
    GPtrArray *grants = builder->model->grants;
    guint before = grants->len;
    gboolean readonly = line->pairs && qemu_pairs_is_on(line->pairs, "readonly");
    Perms perms = readonly ? PERM_R : PERM_R | PERM_W;
    g_autofree char *inside = NULL;

    /* in a directory QEMU makes a file of that name, and removes it at once (file_ram_open()) */
    if (*path == '/' && host_is_dir(builder->host, path))
        inside = g_strconcat(path, "/qemu_back_mem.", NULL);
    if (!builder_path(builder, inside ? inside : path, perms, inside ? ADD_NAMES : ADD_PLAIN,
                      error))
        return FALSE;
    for (guint i = before; i < grants->len; i++)
        g_ptr_array_add(builder->model->virtiofsd_base, grant_copy(g_ptr_array_index(grants, i)));
    return TRUE;
}

/* The names that QEMU looks for (crypto/tlscreds*.c, and ui/spice-core.c for SPICE). */
static gboolean
add_credentials(CommandLine *line, const char *dir, GError **error)
{
    static const char *const names[] = {"ca-cert.pem",     "ca-crl.pem",    "client-cert.pem",
                                        "client-key.pem",  "dh-params.pem", "keys.psk",
                                        "server-cert.pem", "server-key.pem"};

    for (gsize i = 0; i < G_N_ELEMENTS(names); i++) {
        g_autofree char *path = g_build_filename(dir, names[i], NULL);

        /* no host has all of them */
        if (*dir != '/' ||
            (host_is_dir(line->builder->host, dir) && !host_exists(line->builder->host, path)))
            continue;
        if (!commandline_path(line, path, PERM_R, ADD_PLAIN, error))
            return FALSE;
    }
    return TRUE;
}

static gboolean
add_pipe(CommandLine *line, const char *path, GError **error)
{
    static const char *const suffixes[] = {".in", ".out"};

    for (gsize i = 0; i < G_N_ELEMENTS(suffixes); i++) {
        g_autofree char *half = g_strconcat(path, suffixes[i], NULL);

        if (!builder_path(line->builder, half, PERM_R | PERM_W, ADD_PLAIN, error))
            return FALSE;
    }
    /* without the two QEMU takes the one */
    line->builder->warned = TRUE;
    return builder_path(line->builder, path, PERM_R | PERM_W, ADD_PLAIN, error);
}

static gboolean
add_list(CommandLine *line, const char *value, GError **error)
{
    g_auto(GStrv) paths = g_strsplit(value, ":", -1);

    for (char **path = paths; *path; path++)
        if (**path && !commandline_path(line, *path, PERM_R, ADD_PLAIN, error))
            return FALSE;
    return TRUE;
}

/* "unix:/a", or "/a" where that can be nothing else; hosts and numbers of displays are no paths. */
static gboolean
add_unix(CommandLine *line, const char *value, GError **error)
{
    const char *path = g_str_has_prefix(value, "unix:") ? value + strlen("unix:") : value;

    return *path != '/' || builder_path(line->builder, path, PERM_R | PERM_W, ADD_PLAIN, error);
}

static gboolean
add_tree(CommandLine *line, const char *dir, GError **error)
{
    /* of what shows a directory, one is for reading unless it is told otherwise */
    gboolean readonly = qemu_pairs_get(line->pairs, "readonly")
                            ? qemu_pairs_is_on(line->pairs, "readonly")
                            : g_strcmp0(line->kind, "usb-mtp") == 0;

    return builder_path(line->builder, dir, readonly ? PERM_R : PERM_R | PERM_W | PERM_L, ADD_TREE,
                        error);
}

static gboolean
add_gl(CommandLine *line, const char *value, GError **error)
{
    g_autoptr(GError) nonfatal = NULL;
    g_autofree char *node = NULL;

    if (g_str_equal(value, "off") || qemu_pairs_get(line->pairs, "rendernode"))
        return TRUE;
    line->builder->commandline_gl = TRUE;
    node = host_drm_render_node(line->builder->host, &nonfatal);
    if (node)
        return builder_path(line->builder, node, PERM_R | PERM_W, ADD_PLAIN, error);
    builder_warn(line->builder, g_strdup(nonfatal->message));
    return TRUE;
}

static gboolean
add_iommufd(CommandLine *line)
{
    builder_pattern(line->builder, "/dev/vfio/devices/vfio[0-9]*", "", "", PERM_R | PERM_W);
    return TRUE;
}

/* ---- all of them ---- */

static gboolean
warn_of_program(CommandLine *line, const char *value)
{
    if (g_str_equal(value, "no") || *value == '\0')
        return TRUE;
    builder_warn(
        line->builder,
        g_strdup_printf(_("%s: QEMU would run this, for which it gets no rule; if it has to, "
                          "allow it in %s"),
                        value, MODEL_LOCAL_RULES));
    return TRUE;
}

/* A name without a slash is one of QEMU's own files. */
static gboolean
add_firmware(CommandLine *line, const char *value, GError **error)
{
    return !strchr(value, '/') || commandline_path(line, value, PERM_R, ADD_PLAIN, error);
}

static gboolean
add_log(CommandLine *line, const char *value, GError **error)
{
    if (!strstr(value, "%d"))
        return builder_path(line->builder, value, PERM_R | PERM_W, ADD_PLAIN, error);
    commandline_warn(line, value);
    return TRUE;
}

static gboolean
add_replay(CommandLine *line, const char *value, GError **error)
{
    gboolean records = g_strcmp0(qemu_pairs_get(line->pairs, "rr"), "record") == 0;

    return builder_path(line->builder, value, records ? PERM_R | PERM_W : PERM_R, ADD_PLAIN, error);
}

gboolean
commandline_value(CommandLine *line, const KeyRow *row, const char *value, GError **error)
{
    const char *path = value ? value : row->path;

    switch (row->meaning) {
    case MEANS_NOTHING:
        return TRUE;
    case MEANS_READ:
        return commandline_path(line, path, PERM_R, ADD_PLAIN, error);
    case MEANS_FIRMWARE:
        return add_firmware(line, path, error);
    case MEANS_RENDER:
        line->builder->commandline_gl = TRUE;
        return builder_path(line->builder, path, PERM_R | PERM_W, ADD_PLAIN, error);
    case MEANS_WRITE:
        return builder_path(line->builder, path, PERM_R | PERM_W, ADD_PLAIN, error);
    case MEANS_LOCK:
        return builder_path(line->builder, path, PERM_R | PERM_W | PERM_K, ADD_PLAIN, error);
    case MEANS_LOG:
        return add_log(line, path, error);
    case MEANS_LOAD:
        return commandline_path(line, path, PERM_R | PERM_M, ADD_PLAIN, error);
    case MEANS_LIST:
        return add_list(line, path, error);
    case MEANS_MEMORY:
        return add_memory(line, path, error);
    case MEANS_TREE:
        return add_tree(line, path, error);
    case MEANS_READ_TREE:
        return commandline_path(line, path, PERM_R, ADD_TREE, error);
    case MEANS_CREDENTIALS:
        return add_credentials(line, path, error);
    case MEANS_PIPE:
        return add_pipe(line, path, error);
    case MEANS_UNIX:
        return add_unix(line, path, error);
    case MEANS_SWITCH:
        return g_strcmp0(value, "on") != 0 ||
               builder_path(line->builder, row->path, PERM_R | PERM_W, ADD_PLAIN, error);
    case MEANS_RUN:
        return warn_of_program(line, path);
    case MEANS_PCI:
        return commandline_pci(line, path, error);
    case MEANS_VFIO:
        return commandline_vfio(line, path, error);
    case MEANS_IOMMUFD:
        return add_iommufd(line);
    case MEANS_USB:
        return commandline_usb(line, row->key, error);
    case MEANS_GL:
        return add_gl(line, path, error);
    case MEANS_REPLAY:
        return add_replay(line, path, error);
    }
    g_assert_not_reached();
}
