/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * basic: what both programs need and libc alone can give. The launcher is built without GLib, whose
 * start would cost every VM a millisecond; the rooms that it shares with the helper stand on this one.
 *
 * How an error travels where there is no GError: a function returns false and has filled in the Failure
 * that its caller gave. It never prints; the mains alone talk to a person.
 */

#include <stdbool.h>

/* Bytes of one message: two long paths and what is said about them. Longer ones are cut. */
#define FAILURE_TEXT_BYTES 10240

typedef struct {
    char text[FAILURE_TEXT_BYTES]; /* what failed */
    const char *todo; /* what a person can do about it, translated; NULL for nothing special */
} Failure;

/**
 * failure_set:
 * @todo: (nullable): what to do about it, a string that lives as long as the program
 * Always returns false, so that a caller can return it.
 */
bool failure_set(Failure *failure, const char *todo, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/** failure_errno: the same, with ": " and the meaning of @errnum at the end. */
bool failure_errno(Failure *failure, int errnum, const char *todo, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
