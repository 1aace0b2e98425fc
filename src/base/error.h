/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * base: what every other room stands on.
 *
 * Errors travel as GError. A room never prints and never exits: it returns FALSE (or NULL) with the
 * error set, callers put in front of it where they were with g_prefix_error(), and only the mains
 * talk to a person. A code of its own exists only where some caller acts on it.
 */

#include <glib.h>

/** The error domain of all rooms. */
#define BASE_ERROR (base_error_quark())

typedef enum {
    BASE_ERROR_FAILED,    /* anything that no caller tells apart */
    BASE_ERROR_LIMIT,     /* input is larger than a named limit of base/limits.h */
    BASE_ERROR_NOT_FOUND, /* the file, profile or device is not there */
    BASE_ERROR_DAMAGED,   /* no text is there, or no regular file: nobody has written it */
    BASE_ERROR_BUSY,      /* a lock was not to be had in time */
    BASE_ERROR_DENIED,    /* the kernel refused: EACCES or EPERM */
    BASE_ERROR_UNSURE,    /* it failed, and may have been done all the same */
    BASE_ERROR_POLICY,    /* policy text does not compile; the message is the parser's own */
} BaseError;

GQuark base_error_quark(void);

/**
 * base_set_errno_error:
 * @error: (nullable) where to set the error
 * @errnum: a value of errno
 * @format: printf format of what was being done, without a trailing colon
 *
 * Sets "WHAT: STRERROR" with the code that @errnum stands for (ENOENT is NOT_FOUND, EACCES and EPERM
 * are DENIED, the rest FAILED). Always returns FALSE, so that a caller can return it.
 */
gboolean
base_set_errno_error(GError **error, int errnum, const char *format, ...) G_GNUC_PRINTF(3, 4);

/**
 * base_set_error:
 * Like g_set_error() in the domain BASE_ERROR; always returns FALSE.
 */
gboolean
base_set_error(GError **error, BaseError code, const char *format, ...) G_GNUC_PRINTF(3, 4);
