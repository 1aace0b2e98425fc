/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "host/host.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <limits.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "basic/process.h"

/* openat2() gives up on a ".." while anything on the system is renamed or mounted, and says EAGAIN,
 * which is also what a file under lease says for good. */
#define OPENAT2_TRIES 1000

struct _Host {
    char *root; /* NULL: this host */
    AutoFd root_fd;
    guint owner;
    GHashTable *existing; /* directory → the nearest above it that exists, or itself */
    GHashTable *resolved; /* of this host: directory → what it resolves to */
};

Host *
host_new(const char *root, GError **error)
{
    g_autoptr(Host) host = g_new0(Host, 1);
    struct stat st;

    host->root_fd = -1;
    host->existing = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    host->resolved = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);
    if (root) {
        host->root = realpath(root, NULL);
        if (host->root)
            host->root_fd = open(host->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (host->root_fd < 0 || fstat(host->root_fd, &st) < 0) {
            base_set_errno_error(error, errno, _("cannot open %s"), root);
            return NULL;
        }
        host->owner = st.st_uid;
    }
    return g_steal_pointer(&host);
}

void
host_free(Host *host)
{
    if (!host)
        return;
    if (host->root_fd >= 0)
        autofd_close(host->root_fd);
    g_hash_table_unref(host->existing);
    g_hash_table_unref(host->resolved);
    free(host->root);
    g_free(host);
}

int
host_open(Host *host, const char *path, int flags)
{
    /* openat2() refuses what open() ignores beside O_PATH */
    int all = flags | O_CLOEXEC | (flags & O_PATH ? 0 : O_NOCTTY | O_NONBLOCK);
    struct open_how how = {.flags = (guint64)(unsigned)all, .resolve = RESOLVE_IN_ROOT};
    int fd = -1;

    if (!host->root)
        return open(path, all);
    for (int i = 0; i < OPENAT2_TRIES; i++) {
        fd = (int)syscall(SYS_openat2, host->root_fd, path, &how, sizeof(how));
        if (fd >= 0 || errno != EAGAIN)
            break;
    }
    return fd;
}

int
host_open_regular(Host *host, const char *path)
{
    g_auto(AutoFd) node = host_open(host, path, O_PATH);
    g_auto(AutoFd) fd = -1;
    struct stat st;

    if (node < 0 || fstat(node, &st) < 0)
        return -1;
    if (S_ISREG(st.st_mode)) {
        fd = host_open(host, path, O_RDONLY);
        if (fd < 0 || fstat(fd, &st) < 0)
            return -1;
    }
    /* it may have become something else between the two */
    if (!S_ISREG(st.st_mode)) {
        errno = EINVAL;
        return -1;
    }
    return autofd_steal(&fd);
}

guint
host_owner(const Host *host)
{
    return host->owner;
}

gboolean
host_exists(Host *host, const char *path)
{
    g_auto(AutoFd) fd = -1;

    if (!host->root)
        return access(path, F_OK) == 0;
    fd = host_open(host, path, O_PATH);
    return fd >= 0;
}

/* As with what directories resolve to, a domain has many files and few directories. */
char *
host_longest_existing(Host *host, const char *path)
{
    g_autofree char *dir = NULL;
    char *found;

    if (path[1] == '\0' || host_exists(host, path))
        return g_strdup(path);
    dir = g_path_get_dirname(path);
    found = g_strdup(g_hash_table_lookup(host->existing, dir));
    if (!found) {
        found = host_longest_existing(host, dir);
        g_hash_table_insert(host->existing, g_steal_pointer(&dir), g_strdup(found));
    }
    return found;
}

gboolean
host_is_dir(Host *host, const char *path)
{
    g_auto(AutoFd) fd = host_open(host, path, O_PATH | O_DIRECTORY);

    return fd >= 0;
}

/* As realpath(), with the memory that @resolved came in replaced by GLib's. */
static char *
take(char *resolved)
{
    char *copy = g_strdup(resolved);

    free(resolved);
    return copy;
}

/*
 * A domain's images lie in a few directories, and realpath() would look at every component of each path
 * again: what a directory resolves to is kept for the one moment that the process lives.
 */
static char *
realpath_here(Host *host, const char *path)
{

    const char *slash = strrchr(path, '/');
    const char *parent;
    g_autofree char *dir = NULL;
    g_autofree char *whole = NULL;
    char target[1];

    if (!slash || slash == path || slash[1] == '.' || slash[1] == '\0')
        return take(realpath(path, NULL));
    dir = g_strndup(path, (gsize)(slash - path));
    parent = g_hash_table_lookup(host->resolved, dir);
    if (!parent) {
        char *resolved = take(realpath(dir, NULL));

        if (!resolved)
            return NULL;
        parent = resolved;
        g_hash_table_insert(host->resolved, g_steal_pointer(&dir), resolved);
    }
    whole = g_build_filename(parent, slash + 1, NULL);
    /* EINVAL: it is there, and no symbolic link */
    if (readlink(whole, target, sizeof(target)) < 0) {
        if (errno == EINVAL)
            return g_steal_pointer(&whole);
        if (errno == ENOENT)
            return NULL;
    }
    return take(realpath(whole, NULL));
}

char *
host_realpath(Host *host, const char *path)
{
    g_auto(AutoFd) fd = -1;
    g_autofree char *link = NULL;
    char target[PATH_MAX];
    ssize_t n;
    gsize root_len;

    if (!host->root)
        return realpath_here(host, path);

    fd = host_open(host, path, O_PATH);
    if (fd < 0)
        return NULL;
    link = g_strdup_printf("/proc/self/fd/%d", fd);
    n = readlink(link, target, sizeof(target) - 1);
    root_len = strlen(host->root);
    if (n < 0 || (gsize)n < root_len)
        return NULL;
    target[n] = '\0';
    return g_strdup(target[root_len] ? target + root_len : "/");
}

static int
compare_names(gconstpointer a, gconstpointer b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

char **
host_list(Host *host, const char *path)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new_with_free_func(g_free);
    int fd = host_open(host, path, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd < 0 ? NULL : fdopendir(fd);
    struct dirent *entry;
    int error;

    if (!dir) {
        if (fd >= 0)
            autofd_close(fd);
        return NULL;
    }
    while (errno = 0, (entry = readdir(dir)) != NULL)
        if (!g_str_equal(entry->d_name, ".") && !g_str_equal(entry->d_name, ".."))
            g_ptr_array_add(names, g_strdup(entry->d_name));
    error = errno;
    closedir(dir);
    /* some of them are not all: a device could be missing among them */
    errno = error;
    if (error)
        return NULL;
    g_ptr_array_sort(names, compare_names);
    g_ptr_array_add(names, NULL);
    return (char **)g_ptr_array_free(g_steal_pointer(&names), FALSE);
}

char *
host_read_text(Host *host, const char *path)
{
    g_auto(AutoFd) fd = host_open(host, path, O_RDONLY);
    char text[4097];
    ssize_t n;

    if (fd < 0)
        return NULL;
    n = read(fd, text, sizeof(text) - 1);
    if (n < 0)
        return NULL;
    text[n] = '\0';
    return g_strdup(g_strstrip(text));
}

guint64
host_process_start(Host *host, guint pid)
{
    g_autofree char *path = g_strdup_printf("/proc/%u/stat", pid);
    g_autofree char *text = host_read_text(host, path);

    return text ? process_start(text) : 0;
}
