/* SPDX-License-Identifier: LGPL-2.1-or-later */
/* The parts of inject: see inject.c. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* ---- the thread: inject-thread.c ---- */

enum { MAX_ARGUMENTS = 6 };

struct call {
    long number;
    uint64_t argument[MAX_ARGUMENTS];
};

enum ending {
    CALL_RETURNED, /* *result is the kernel's: negative is an errno */
    CALL_BLOCKED,  /* still waiting after some seconds, and taken out of it */
    CALL_REFUSED,  /* by a filter of the thread, with the errno in *result */
    CALL_FATAL,    /* a filter of the thread would end the process: not made */
    CALL_EXECED,   /* the process is another program now */
    CALL_DIED      /* the thread has ended */
};

/* Stops the thread wherever it is. Without filters, its seccomp filters are
 * suspended as long as it is stopped. False, with a message, where it fails. */
bool thread_stop(pid_t tid, bool without_filters);

/* Makes one call in the stopped thread, as the thread. What its filters say of
 * the call is looked at before, so that a filter which kills ends nothing. */
enum ending thread_call(const struct call *call, long *result);

/* Puts everything back and lets the thread go on: a call that it was waiting in
 * is waited in again. */
bool thread_release(void);

/* Copies to or from the thread's memory; false, with errno, where that fails. */
bool thread_write(uint64_t where, const void *from, size_t size);
bool thread_read(uint64_t where, void *to, size_t size);

/* ---- names: inject-names.c ---- */

/* The number of a system call, or of a constant of the C headers. */
bool call_number(const char *name, long *number);
bool constant_value(const char *name, uint64_t *value);

/* EACCES and the like; NULL for what has no name here. */
const char *error_name(int error);

/* ---- memory that the calls point to: inject-memory.c ---- */

/* The same bytes here and in the thread, at other addresses. */
bool memory_open(void);
void memory_close(void);

/* Reserves zeroed bytes; the address is the thread's. */
uint64_t memory_add(size_t size);

/* These bytes as they are here; NULL where they are not all within what was
 * reserved. */
unsigned char *memory_at(uint64_t address, size_t size);

/* Before and after each call: what was written here goes there, and back. */
bool memory_push(void);
bool memory_pull(void);

/* ---- the script: inject-script.c ---- */

enum {
    STATUS_DONE,
    STATUS_REFUSED,
    STATUS_BROKEN,
    STATUS_END /* the process is another program: nothing more can be asked of it */
};

/* Gives %NAME a value before the first statement. */
bool script_set(const char *name, uint64_t value);

/* Carries out one statement and prints what came of it. */
int script_run(const char *statement);
