/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "kernel/users.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"

#define PROCESS_LABEL_MAX 65536 /* bytes: the kernel gives a page or two, of names in a stack */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

/* Whether @text, "LABEL (MODE)" where LABEL may be "A//&B", has @label or a child of it. */
static gboolean
label_matches(char *text, const char *label)
{
    gsize len = strlen(label);
    g_auto(GStrv) parts = NULL;
    char *mode;

    /* Nearly all labels of a host are others, and this is asked of every thread. */
    if (!strstr(text, label))
        return FALSE;
    g_strchomp(text);
    mode = strrchr(text, '(');
    if (mode && mode > text && mode[-1] == ' ')
        mode[-1] = '\0';
    parts = g_strsplit(text, "//&", -1);
    for (gsize i = 0; parts[i]; i++) {
        if (g_str_has_prefix(parts[i], label) &&
            (parts[i][len] == '\0' || g_str_has_prefix(parts[i] + len, "//")))
            return TRUE;
    }
    return FALSE;
}

/* A look over all threads. */
typedef struct {
    const char *label;
    const char *pid; /* the process that is looked at, for messages */
    char *buffer;    /* PROCESS_LABEL_MAX bytes */
    gboolean found;
} Look;

/* Opens @name of AppArmor's attributes of the thread @tid; -1 with errno as of open(). */
static int
open_attribute(int task, const char *tid, const char *name)
{
    /* The first is AppArmor's whichever module comes first; older kernels have only the second. */
    static const char *const folders[] = {"attr/apparmor", "attr"};
    int fd = -1;

    for (gsize i = 0; i < G_N_ELEMENTS(folders) && fd < 0; i++) {
        g_autofree char *path = g_build_filename(tid, folders[i], name, NULL);

        fd = openat(task, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0 && errno != ENOENT)
            break;
    }
    return fd;
}

/* Looks at one attribute of a thread. Returns: 0, or an errno: ENOENT if there is no such file */
static int
look_at_attribute(Look *look, int task, const char *tid, const char *name)
{
    g_auto(AutoFd) fd = open_attribute(task, tid, name);
    gssize n;

    if (fd < 0)
        return errno;
    n = read(fd, look->buffer, PROCESS_LABEL_MAX - 1);
    if (n < 0)
        return errno;
    look->buffer[n] = '\0';
    if (label_matches(look->buffer, look->label))
        look->found = TRUE;
    return 0;
}

/*
 * The label that the thread has set for its next exec, then the one that it has: in this order, because
 * an exec between the two makes the first the second. The other way round it would be missed.
 */
static gboolean
look_at_thread(Look *look, int task, const char *tid, GError **error)
{
    int errnum = look_at_attribute(look, task, tid, "exec");

    /* EINVAL: it has set none (security/apparmor/lsm.c, apparmor_getprocattr()). */
    if (errnum == 0 || errnum == EINVAL || errnum == ENOENT)
        errnum = look_at_attribute(look, task, tid, "current");
    if (errnum == 0 || errnum == ESRCH)
        return TRUE;
    if (errnum != ENOENT)
        return base_set_errno_error(error, errnum, _("cannot read the label of process %s"),
                                    look->pid);
    /* Gone since it was listed; or it is there, and there are no labels at all. */
    if (faccessat(task, tid, F_OK, 0) == 0)
        return base_set_error(error, BASE_ERROR_FAILED, _("process %s has no label to read"),
                              look->pid);
    if (errno == ENOENT || errno == ESRCH)
        return TRUE;
    return base_set_errno_error(error, errno, _("cannot read the label of process %s"), look->pid);
}

/* Looks at every thread, for each has a label of its own: one may have changed it, or be about to. */
static gboolean
look_at_process(Look *look, int proc, GError **error)
{
    g_autofree char *path = g_build_filename(look->pid, "task", NULL);
    g_auto(AutoFd) fd = openat(proc, path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(DIR) task = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;

    if (!task) {
        if (errno == ENOENT || errno == ESRCH)
            return TRUE;
        return base_set_errno_error(error, errno, _("cannot list the threads of process %s"),
                                    look->pid);
    }
    autofd_steal(&fd); /* it is the directory's */
    while (!look->found && (errno = 0, entry = readdir(task)))
        if (g_ascii_isdigit(entry->d_name[0]) &&
            !look_at_thread(look, dirfd(task), entry->d_name, error))
            return FALSE;
    /* A process that ends while its threads are listed has none left. */
    if (errno != 0 && errno != ENOENT && errno != ESRCH && !look->found)
        return base_set_errno_error(error, errno, _("cannot list the threads of process %s"),
                                    look->pid);
    return TRUE;
}

gboolean
users_find(const char *proc, const char *label, gboolean *found, GError **error)
{
    g_autofree char *buffer = g_malloc(PROCESS_LABEL_MAX);
    g_autoptr(DIR) processes = opendir(proc);
    Look look = {.label = label, .buffer = buffer};
    const struct dirent *entry;

    if (!processes)
        return base_set_errno_error(error, errno, _("cannot open %s"), proc);
    /* with hidepid= of proc(5) others are not listed, the first of all among them: nobody would be found */
    if (faccessat(dirfd(processes), "1", F_OK, 0) < 0)
        return base_set_error(error, BASE_ERROR_FAILED, _("%s does not show all processes"), proc);
    while (!look.found && (errno = 0, entry = readdir(processes))) {
        look.pid = entry->d_name;
        if (g_ascii_isdigit(look.pid[0]) && !look_at_process(&look, dirfd(processes), error))
            return FALSE;
    }
    if (errno != 0 && !look.found)
        return base_set_errno_error(error, errno, _("cannot list the processes in %s"), proc);
    *found = look.found;
    return TRUE;
}
