/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "policy/holder.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "base/autofd.h"
#include "basic/process.h"

/* Bytes of a process's name, with its end: TASK_COMM_LEN. */
#define NAME_BYTES 16

/* @text: (out): the start of /proc/PID/@file */
static gboolean
read_proc(pid_t pid, const char *file, char *text, gsize size)
{
    g_autofree char *path = g_strdup_printf("/proc/%d/%s", (int)pid, file);
    g_auto(AutoFd) fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, size - 1);

    if (n <= 0)
        return FALSE;
    text[n] = '\0';
    return TRUE;
}

static guint64
start_of(pid_t pid)
{
    char text[PROCESS_STAT_BYTES];

    return read_proc(pid, "stat", text, sizeof(text)) ? process_start(text) : 0;
}

/* By its first line, "Name:\tNAME"; a name that cannot be read may be ours. */
static gboolean
has_our_name(pid_t pid)
{
    char name[NAME_BYTES] = "";
    char text[64];
    const char *theirs = text + strlen("Name:\t");

    if (!read_proc(pid, "status", text, sizeof(text)) || !g_str_has_prefix(text, "Name:\t"))
        return TRUE;
    prctl(PR_GET_NAME, name);
    return strncmp(theirs, name, strlen(name)) == 0 && theirs[strlen(name)] == '\n';
}

Holder
holder_self(void)
{
    return (Holder){.pid = getpid(), .start = start_of(getpid())};
}

void
holder_format(const Holder *holder, char *text)
{
    g_snprintf(text, HOLDER_BYTES, "%d %" G_GUINT64_FORMAT, (int)holder->pid, holder->start);
}

Holder
holder_parse(const char *text)
{
    char *end = NULL;
    gint64 pid = g_ascii_strtoll(text, &end, 10);

    if (pid <= 0 || pid > G_MAXINT)
        return (Holder){0};
    return (Holder){.pid = (pid_t)pid, .start = g_ascii_strtoull(end, NULL, 10)};
}

gboolean
holder_equal(const Holder *a, const Holder *b)
{
    return a->pid == b->pid && a->start == b->start;
}

gboolean
holder_lives(const Holder *holder)
{
    guint64 start;

    if (holder->pid <= 0 || (kill(holder->pid, 0) < 0 && errno == ESRCH))
        return FALSE;
    start = start_of(holder->pid);
    if (start && holder->start)
        return start == holder->start;
    return has_our_name(holder->pid);
}
