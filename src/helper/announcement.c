/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "helper/announcement.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "base/error.h"
#include "model/paths.h"

/* AppArmorSetPathLabel() of libvirt puts it behind a directory whose contents count too. */
#define TREE_SUFFIX "/{,**}"

#define DOMAIN_PREFIX "domain-"
#define SOCKET_SUFFIX "-fs.sock"

void
announcement_free(Announcement *announcement)
{
    g_free(announcement->path);
    g_free(announcement->alias);
    g_free(announcement);
}

/* Whether @name is one of the domain's directories, which some have a prefix. */
static gboolean
is_directory_of(const char *name, const char *const *directories)
{
    if (g_str_has_prefix(name, DOMAIN_PREFIX))
        name += strlen(DOMAIN_PREFIX);
    return g_strv_contains(directories, name);
}

/* Elsewhere other things are called so: the device at port 1 of the USB bus 1 is /sys/bus/usb/devices/1-1. */
static gboolean
is_named(const char *directory, const char *const *directories)
{
    g_autofree char *name = g_path_get_basename(directory);

    return path_is_below_libvirts(directory) && is_directory_of(name, directories);
}

/* Whether @directory is one of this domain, by its name or by its number, "7-" or "domain-7-". */
static gboolean
is_own(const char *directory, const char *const *directories)
{
    g_autofree char *name = g_path_get_basename(directory);
    const char *number = directories[0];
    gsize length = strcspn(number + 1, "-") + 2; /* it may be -1 */

    if (!path_is_below_libvirts(directory))
        return FALSE;
    if (is_directory_of(name, directories))
        return TRUE;
    return strncmp(g_str_has_prefix(name, DOMAIN_PREFIX) ? name + strlen(DOMAIN_PREFIX) : name,
                   number, length) == 0;
}

static gboolean
has_digits_after(const char *path, const char *prefix)
{
    const char *rest;

    if (!g_str_has_prefix(path, prefix))
        return FALSE;
    rest = path + strlen(prefix);
    return *rest != '\0' && rest[strspn(rest, "0123456789")] == '\0';
}

/* TRUE: @directory is announced with all below it. Who may name an image may call it "{,**}", and then it is
 * that file which @argument means; in the domain's own directories QEMU could make such a file. */
static gboolean
is_tree(const char *directory, const char *argument, const char *const *directories, Host *host)
{
    return is_named(directory, directories) ||
           (host_is_dir(host, directory) && !host_exists(host, argument));
}

/* Channels are directories of the domain too, and nothing of virtiofsd's. */
static AnnouncedKind
kind_of_tree(const char *directory, const char *const *directories)
{
    g_autofree char *name = g_path_get_basename(directory);
    g_autofree char *above = g_path_get_dirname(directory);
    g_autofree char *above_name = g_path_get_basename(above);

    if (!path_is_below_libvirts(directory) || !g_strv_contains(directories, name) ||
        g_str_equal(above_name, "channel"))
        return ANNOUNCED_TREE;
    return ANNOUNCED_GUEST_MEMORY;
}

static AnnouncedKind
kind_of_file(const char *path)
{
    if (g_str_equal(path, "/dev/iommu") || has_digits_after(path, "/dev/vfio/devices/vfio"))
        return ANNOUNCED_MAPPED_FILE;
    if (g_str_equal(path, "/dev/net/tun") || has_digits_after(path, "/dev/tap"))
        return ANNOUNCED_TAP;
    return ANNOUNCED_FILE;
}

/* The device's alias, if @path has the form of a virtiofsd's socket; @of is then the directory's name. */
static char *
socket_alias(const char *path, char **of)
{
    g_autofree char *name = g_path_get_basename(path);
    g_autofree char *dir = g_path_get_dirname(path);
    g_autofree char *dir_name = g_path_get_basename(dir);
    gsize len = strlen(name);

    if (!g_str_has_prefix(dir_name, DOMAIN_PREFIX) || !g_str_has_suffix(name, SOCKET_SUFFIX) ||
        len == strlen(SOCKET_SUFFIX))
        return NULL;
    *of = g_steal_pointer(&dir_name);
    return g_strndup(name, len - strlen(SOCKET_SUFFIX));
}

char *
announcement_alias(const char *socket)
{
    g_autofree char *of = NULL;

    return socket_alias(socket, &of);
}

Announcement *
announcement_read(const char *argument, const char *const *directories, Host *host, GError **error)
{
    g_autoptr(Announcement) announced = g_new0(Announcement, 1);
    g_autofree char *of = NULL;

    announced->alias = socket_alias(argument, &of);
    if (announced->alias) {
        /* one that nobody would answer for: its virtiofsd would find no record, and run unconfined */
        if (!is_directory_of(of, directories)) {
            base_set_error(error, BASE_ERROR_FAILED,
                           _("%s has the form of a virtiofsd's socket, but %s is no directory of "
                             "this domain, which is called " DOMAIN_PREFIX "%s"),
                           argument, of, directories[0]);
            return NULL;
        }
        announced->kind = ANNOUNCED_VIRTIOFSD_SOCKET;
        announced->path = g_strdup(argument);
        return g_steal_pointer(&announced);
    }
    if (g_str_has_suffix(argument, TREE_SUFFIX)) {
        g_autofree char *dir = g_strndup(argument, strlen(argument) - strlen(TREE_SUFFIX));

        if (*dir == '\0')
            announced->path = g_strdup("/");
        else if (is_tree(dir, argument, directories, host))
            announced->path = g_steal_pointer(&dir);
        if (announced->path) {
            announced->own = is_own(announced->path, directories);
            announced->kind = kind_of_tree(announced->path, directories);
            return g_steal_pointer(&announced);
        }
    }
    announced->kind = kind_of_file(argument);
    announced->path = g_strdup(argument);
    return g_steal_pointer(&announced);
}
