/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include "basic/process.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "basic/auto.h"

/* The number of starttime among the fields of proc(5), and of the first after the name. */
#define FIELD_START      22
#define FIELD_AFTER_NAME 3

uint64_t
process_start(const char *stat)
{
    /* the name stands in parentheses and may hold anything, so the last one ends it */
    const char *at = strrchr(stat, ')');
    char *end = NULL;
    uint64_t start;

    for (int field = FIELD_AFTER_NAME; at && field <= FIELD_START; field++) {
        at = strchr(at, ' ');
        if (at)
            at++;
    }
    if (!at || *at < '0' || *at > '9')
        return 0;
    errno = 0;
    start = strtoull(at, &end, 10);
    return errno || (*end != ' ' && *end != '\n' && *end != '\0') ? 0 : start;
}

/* With hidepid= of proc(5) others are not listed, the first of all among them. */
static bool
shows_others(const char *proc)
{
    char path[PATH_MAX];

    snprintf(path, sizeof(path), "%s/1", proc);
    return access(path, F_OK) == 0;
}

ProcessAnswer
process_ask(const char *proc, uint64_t pid, uint64_t start)
{
    char path[PATH_MAX];
    char stat[PROCESS_STAT_BYTES];
    AUTO_FD int fd = -1;
    uint64_t found;
    ssize_t n;

    snprintf(path, sizeof(path), "%s/%" PRIu64 "/stat", proc, pid);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    n = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);
    if (n < 0 && (errno == ESRCH || (errno == ENOENT && shows_others(proc))))
        return PROCESS_GONE;
    if (n < 0)
        return PROCESS_UNKNOWN;
    stat[n] = '\0';
    found = process_start(stat);
    if (found == 0)
        return PROCESS_UNKNOWN;
    return found == start ? PROCESS_SAME : PROCESS_OTHER;
}
