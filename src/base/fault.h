/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Fault points: places that can half-finish (write, fsync, rename, load) ask FAULT("name") first.
 *
 * In what is installed FAULT() is the constant FALSE. In the copy that the tests link, the name that
 * fault_arm() was given makes it TRUE, once, after a number of calls that pass, with errno set to
 * EIO; or ends the process right there, as a crash would; or stops it there, until a test lets it go on.
 */

#include <glib.h>

#ifdef ENABLE_FAULTS
typedef enum {
    FAULT_FAIL,  /* FAULT() is TRUE and errno is EIO */
    FAULT_CRASH, /* the process ends as if by SIGKILL */
    FAULT_STOP, /* the process stops as by SIGSTOP, and then goes on as if there was no fault point */
} FaultKind;

/* @name: (nullable) a fault point's name, or NULL to disarm; @skip: calls that pass before it. */
void fault_arm(const char *name, guint skip, FaultKind kind);
gboolean fault_check(const char *name);
#    define FAULT(name) fault_check(name)
#else
#    define FAULT(name) FALSE
#endif
