/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Telling processes apart: a number comes again, a number with the moment of its beginning does not. */

#include <stdbool.h>
#include <stdint.h>

/* Bytes of /proc/PID/stat that are looked at: fifty numbers and a name of 15 bytes. */
#define PROCESS_STAT_BYTES 4096

/**
 * process_start:
 * @stat: the text of /proc/PID/stat (proc(5)), with a NUL at its end
 * Returns: when the process began, in clock ticks since boot; 0 where @stat does not say
 */
uint64_t process_start(const char *stat);

typedef enum {
    PROCESS_SAME,    /* it runs */
    PROCESS_GONE,    /* certainly none: it has ended */
    PROCESS_OTHER,   /* nor that, and another one has its number */
    PROCESS_UNKNOWN, /* it may not be looked at, or seen */
} ProcessAnswer;

/**
 * process_ask:
 * @proc: "/proc", or what stands for it
 * Whether the process @pid that began at @start still runs.
 */
ProcessAnswer process_ask(const char *proc, uint64_t pid, uint64_t start);
