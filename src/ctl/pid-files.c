/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/pid-files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <linux/openat2.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"

#define VIRTIOFSD_SUFFIX "-fs.pid"

/* What virFileLock() of virPidFileAcquirePath() takes. */
#define LOCK_START 0
#define LOCK_BYTES 1

/* Of libvirt's session driver, below XDG_RUNTIME_DIR. */
#define SESSION_DIR "libvirt/qemu/run"

/* Files that are looked at in one user's directory, who may make as many as he likes: no user has a hundred
 * shares. */
#define SESSION_FILES 1000

#define NUMBER_BYTES 32

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

struct _PidFiles {
    GPtrArray *all;      /* of PidFile */
    GHashTable *by_name; /* of the system driver; borrowed of @all */
    GError *error;
};

static void
pid_file_free(PidFile *file)
{
    g_free(file->path);
    g_free(file->name);
    g_free(file);
}

void
pid_files_free(PidFiles *files)
{
    if (!files)
        return;
    g_hash_table_unref(files->by_name);
    g_ptr_array_unref(files->all);
    g_clear_error(&files->error);
    g_free(files);
}

/* The process that has the file's lock: its number, -1 where it is a lock of a description, 0 where there
 * is none. */
static int
holder_of(int fd)
{
    struct flock asked = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = LOCK_START, .l_len = LOCK_BYTES};

    if (fcntl(fd, F_GETLK, &asked) < 0 || asked.l_type == F_UNLCK)
        return 0;
    return asked.l_pid;
}

static PidFileState
read_file(int dir, const char *name, int *pid)
{
    g_auto(AutoFd) fd =
        openat(dir, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY);
    char text[NUMBER_BYTES] = "";
    struct stat st;
    int holder;
    gint64 number;

    if (fd < 0 && errno == ENOENT)
        return PID_FILE_NONE;
    if (fd < 0)
        return errno == EACCES || errno == EPERM ? PID_FILE_UNKNOWN : PID_FILE_LEFT;
    if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || read(fd, text, sizeof(text) - 1) <= 0)
        return PID_FILE_LEFT;
    number = g_ascii_strtoll(text, NULL, 10);
    holder = holder_of(fd);
    if (number <= 0 || number > G_MAXINT || holder == 0 || (holder > 0 && holder != number))
        return PID_FILE_LEFT;
    *pid = (int)number;
    return PID_FILE_HELD;
}

static void
add_file(PidFiles *files, int dir, const char *path, const char *name, gboolean session)
{
    PidFile *file = g_new0(PidFile, 1);

    file->path = g_build_filename(path, name, NULL);
    file->name = g_strdup(name);
    file->session = session;
    file->state = read_file(dir, name, &file->pid);
    g_ptr_array_add(files->all, file);
    if (!session)
        g_hash_table_insert(files->by_name, file->name, file);
}

/* Takes @taken. Returns: 0, or an errno */
static int
read_dir(PidFiles *files, AutoFd taken, const char *path, const char *suffix, guint max,
         gboolean session)
{
    g_auto(AutoFd) fd = taken;
    g_autoptr(DIR) dir = fdopendir(fd);
    const struct dirent *entry;

    if (!dir)
        return errno;
    autofd_steal(&fd); /* it is the directory's */
    while (max > 0 && (errno = 0, entry = readdir(dir))) {
        if (!g_str_has_suffix(entry->d_name, suffix))
            continue;
        add_file(files, dirfd(dir), path, entry->d_name, session);
        max--;
    }
    return max > 0 ? errno : 0;
}

/* A user may have mounted a file system of theirs there, which does not answer, or have put a link. */
static AutoFd
open_session(int users, const char *name)
{
    struct open_how how = {.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
                           .resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_XDEV};
    g_auto(AutoFd) user = openat(users, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

    if (user < 0)
        return -1;
    return (AutoFd)syscall(SYS_openat2, user, SESSION_DIR, &how, sizeof(how));
}

static void
read_users(PidFiles *files, const char *users)
{
    g_autoptr(DIR) dir = opendir(users);
    const struct dirent *entry;

    while (dir && (entry = readdir(dir))) {
        g_autofree char *path = NULL;
        AutoFd fd;

        if (!g_ascii_isdigit(entry->d_name[0]))
            continue;
        fd = open_session(dirfd(dir), entry->d_name);
        path = g_build_filename(users, entry->d_name, SESSION_DIR, NULL);
        if (fd >= 0)
            read_dir(files, fd, path, VIRTIOFSD_SUFFIX, SESSION_FILES, TRUE);
    }
}

/* Those of libvirt's own first. */
static int
by_path(gconstpointer a, gconstpointer b)
{
    const PidFile *const *x = a;
    const PidFile *const *y = b;

    if ((*x)->session != (*y)->session)
        return (*x)->session - (*y)->session;
    return strcmp((*x)->path, (*y)->path);
}

PidFiles *
pid_files_read(const char *dir, const char *users)
{
    PidFiles *files = g_new0(PidFiles, 1);
    AutoFd fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    const int open_error = errno;
    int errnum;

    files->all = g_ptr_array_new_with_free_func((GDestroyNotify)pid_file_free);
    files->by_name = g_hash_table_new(g_str_hash, g_str_equal);
    errnum = fd < 0 ? open_error : read_dir(files, fd, dir, ".pid", G_MAXUINT, FALSE);
    /* where libvirt has never run there is none */
    if (errnum != 0 && errnum != ENOENT)
        base_set_errno_error(&files->error, errnum, _("cannot list %s"), dir);
    if (users)
        read_users(files, users);
    g_ptr_array_sort(files->all, by_path);
    return files;
}

const GError *
pid_files_error(const PidFiles *files)
{
    return files->error;
}

PidFile *
pid_files_find(const PidFiles *files, const char *name)
{
    return g_hash_table_lookup(files->by_name, name);
}

GPtrArray *
pid_files_all(const PidFiles *files)
{
    return files->all;
}

gboolean
pid_file_is_virtiofsd(const PidFile *file)
{
    return g_str_has_suffix(file->name, VIRTIOFSD_SUFFIX);
}
