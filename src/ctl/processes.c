/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "ctl/processes.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <glib/gi18n-lib.h>
#include <string.h>
#include <unistd.h>

#include "base/autofd.h"
#include "base/error.h"
#include "base/limits.h"

#define LABEL_MAX 65536 /* bytes: the kernel gives a page or two, of names in a stack */

G_DEFINE_AUTOPTR_CLEANUP_FUNC(DIR, closedir)

static void
ctl_label_free(CtlLabel *label)
{
    g_free(label->label);
    g_free(label->mode);
    g_free(label);
}

void
ctl_process_free(CtlProcess *process)
{
    if (!process)
        return;
    g_free(process->label);
    g_free(process->mode);
    g_ptr_array_unref(process->labels);
    g_free(process->exe);
    g_free(process);
}

/* A pass over all processes. */
typedef struct {
    int proc;
    const char *folder; /* of AppArmor's attributes, as soon as one has been read; else NULL */
    char *buffer;       /* LABEL_MAX bytes */
} Pass;

/* ---- a thread ---- */

/* Adds what the kernel says, "LABEL (MODE)" or "unconfined", unless it is there. */
static const CtlLabel *
add_label(CtlProcess *process, char *text, gboolean pending)
{
    const char *mode = NULL;
    char *bracket;
    CtlLabel *label;

    g_strchomp(text);
    bracket = strrchr(text, '(');
    if (bracket && bracket > text && bracket[-1] == ' ' && g_str_has_suffix(bracket, ")")) {
        bracket[-1] = '\0';
        bracket[strlen(bracket) - 1] = '\0';
        mode = bracket + 1;
    }
    for (guint i = 0; i < process->labels->len; i++) {
        label = g_ptr_array_index(process->labels, i);
        if (g_str_equal(label->label, text) && g_strcmp0(label->mode, mode) == 0 &&
            label->pending == pending)
            return label;
    }
    label = g_new0(CtlLabel, 1);
    label->label = g_strdup(text);
    label->mode = g_strdup(mode);
    label->pending = pending;
    g_ptr_array_add(process->labels, label);
    return label;
}

/* Reads the attribute @name of the thread @tid into the pass's buffer. Returns: 0, or an errno */
static int
read_attribute(Pass *pass, int task, const char *tid, const char *name)
{
    /* The first is AppArmor's whichever module comes first; older kernels have only the second. */
    static const char *const folders[] = {"attr/apparmor", "attr"};

    for (gsize i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(tid, folders[i], name, NULL);
        g_auto(AutoFd) fd = -1;
        gssize n;

        if (pass->folder && pass->folder != folders[i])
            continue;
        fd = openat(task, path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
        if (fd < 0 && errno == ENOENT)
            continue;
        if (fd < 0)
            return errno;
        n = read(fd, pass->buffer, LABEL_MAX - 1);
        if (n < 0)
            return errno;
        pass->buffer[n] = '\0';
        pass->folder = folders[i];
        return 0;
    }
    return ENOENT;
}

/*
 * The label that the thread has set for its next exec, then the one that it has: in this order, because
 * an exec between the two makes the first the second. The other way round it would be missed.
 */
static void
read_thread(Pass *pass, CtlProcess *process, int task, const char *tid)
{
    gboolean first = g_ascii_strtoll(tid, NULL, 10) == process->pid;
    int errnum = read_attribute(pass, task, tid, "exec");

    /* One that has set none is EINVAL, or nothing at all. */
    if (errnum == 0 && pass->buffer[0] && pass->buffer[0] != '\n') {
        add_label(process, pass->buffer, TRUE);
        process->pending = TRUE;
    }
    errnum = read_attribute(pass, task, tid, "current");
    if (errnum == 0) {
        const CtlLabel *label = add_label(process, pass->buffer, FALSE);

        if (first) {
            process->label = g_strdup(label->label);
            process->mode = g_strdup(label->mode);
        }
        return;
    }
    /* without AppArmor nobody answers, and nothing is confined */
    process->unlabelled = process->unlabelled || errnum == EINVAL;
    /* gone since it was listed */
    if (errnum == ESRCH || (errnum == ENOENT && faccessat(task, tid, F_OK, 0) < 0))
        return;
    process->partly_unknown = TRUE;
}

/* ---- a process ---- */

static gboolean
threads_differ(const CtlProcess *process)
{
    guint n = 0;

    for (guint i = 0; i < process->labels->len; i++) {
        const CtlLabel *label = g_ptr_array_index(process->labels, i);

        n += !label->pending;
    }
    return n > 1;
}

/* Each thread has a label of its own: one may have changed it, or be about to. Returns: whether it has not ended */
static gboolean
read_threads(Pass *pass, CtlProcess *process, int dir)
{
    g_auto(AutoFd) fd = openat(dir, "task", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(DIR) task = fd >= 0 ? fdopendir(fd) : NULL;
    const struct dirent *entry;

    if (!task) {
        process->partly_unknown = TRUE;
        return errno != ENOENT && errno != ESRCH;
    }
    autofd_steal(&fd); /* it is the directory's */
    while ((errno = 0, entry = readdir(task))) {
        if (g_ascii_isdigit(entry->d_name[0]))
            read_thread(pass, process, dirfd(task), entry->d_name);
    }
    if (errno == ENOENT || errno == ESRCH)
        return FALSE;
    if (errno != 0)
        process->partly_unknown = TRUE;
    process->mixed = threads_differ(process);
    return process->partly_unknown || process->labels->len > 0;
}

static char *
read_program(int dir)
{
    char target[LIMIT_PATH_BYTES + 1];
    ssize_t n = readlinkat(dir, "exe", target, sizeof(target) - 1);

    return n > 0 ? g_strndup(target, (gsize)n) : NULL;
}

/* (nullable): NULL: it has ended */
static CtlProcess *
read_process(Pass *pass, const char *name)
{
    g_auto(AutoFd) dir = openat(pass->proc, name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    g_autoptr(CtlProcess) process = NULL;

    if (dir < 0 && (errno == ENOENT || errno == ESRCH))
        return NULL;
    process = g_new0(CtlProcess, 1);
    process->pid = (int)g_ascii_strtoll(name, NULL, 10);
    process->labels = g_ptr_array_new_with_free_func((GDestroyNotify)ctl_label_free);
    if (dir < 0) {
        process->partly_unknown = TRUE;
        return g_steal_pointer(&process);
    }
    if (!read_threads(pass, process, dir))
        return NULL;
    process->exe = read_program(dir);
    return g_steal_pointer(&process);
}

static int
by_pid(gconstpointer a, gconstpointer b)
{
    const CtlProcess *const *x = a;
    const CtlProcess *const *y = b;

    return ((*x)->pid > (*y)->pid) - ((*x)->pid < (*y)->pid);
}

GPtrArray *
processes_read(const char *proc, GError **error)
{
    g_autoptr(GPtrArray) processes =
        g_ptr_array_new_with_free_func((GDestroyNotify)ctl_process_free);
    g_autofree char *buffer = g_malloc0(LABEL_MAX);
    g_autoptr(DIR) all = opendir(proc);
    Pass pass = {.buffer = buffer};
    const struct dirent *entry;

    if (!all) {
        base_set_errno_error(error, errno, _("cannot open %s"), proc);
        return NULL;
    }
    pass.proc = dirfd(all);
    /* with hidepid= others are not listed, the first of all among them: nobody would be found */
    if (faccessat(pass.proc, "1", F_OK, 0) < 0) {
        base_set_error(error, BASE_ERROR_DENIED, _("%s does not show all processes"), proc);
        return NULL;
    }
    while ((errno = 0, entry = readdir(all))) {
        CtlProcess *process =
            g_ascii_isdigit(entry->d_name[0]) ? read_process(&pass, entry->d_name) : NULL;

        if (process)
            g_ptr_array_add(processes, process);
    }
    if (errno != 0) {
        base_set_errno_error(error, errno, _("cannot list the processes in %s"), proc);
        return NULL;
    }
    g_ptr_array_sort(processes, by_pid);
    return g_steal_pointer(&processes);
}

const CtlProcess *
processes_find(GPtrArray *processes, int pid)
{
    guint low = 0;
    guint high = processes->len;

    while (low < high) {
        guint middle = low + (high - low) / 2;
        const CtlProcess *process = g_ptr_array_index(processes, middle);

        if (process->pid == pid)
            return process;
        if (process->pid < pid)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* ---- labels ---- */

gboolean
label_has_profile(const char *label, const char *profile)
{
    gsize len = strlen(profile);
    g_auto(GStrv) parts = NULL;

    /* nearly all labels of a host are others */
    if (!strstr(label, profile))
        return FALSE;
    parts = g_strsplit(label, "//&", -1);
    for (gsize i = 0; parts[i]; i++) {
        if (g_str_has_prefix(parts[i], profile) &&
            (parts[i][len] == '\0' || g_str_has_prefix(parts[i] + len, "//")))
            return TRUE;
    }
    return FALSE;
}

gboolean
process_uses(const CtlProcess *process, const char *profile)
{
    for (guint i = 0; i < process->labels->len; i++) {
        const CtlLabel *label = g_ptr_array_index(process->labels, i);

        if (label_has_profile(label->label, profile))
            return TRUE;
    }
    return FALSE;
}
