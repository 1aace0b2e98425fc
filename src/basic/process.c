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

ProcessAnswer
process_ask(const char *proc, uint64_t pid, uint64_t start)
{
    char path[PATH_MAX];
    char stat[PROCESS_STAT_BYTES];
    AUTO_FD int fd = -1;
    ssize_t n;

    snprintf(path, sizeof(path), "%s/%" PRIu64 "/stat", proc, pid);
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    n = fd < 0 ? -1 : read(fd, stat, sizeof(stat) - 1);
    if (n < 0)
        return errno == ENOENT || errno == ESRCH ? PROCESS_GONE : PROCESS_UNKNOWN;
    stat[n] = '\0';
    return process_start(stat) == start ? PROCESS_SAME : PROCESS_GONE;
}
