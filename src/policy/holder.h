/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Which process has a lock, told so that no later process is taken for it: its number, and the time it
 * was started at, in clock ticks since boot (proc(5), /proc/PID/stat, field 22). Private to the room.
 */

#include <glib.h>
#include <sys/types.h>

/* Bytes of the text of a holder, with its end. */
#define HOLDER_BYTES 64

typedef struct {
    pid_t pid; /* 0: nobody */
    guint64
        start; /* 0: it could not be learnt, as under the distribution's profile for the helper */
} Holder;

/** holder_self: this process. */
Holder holder_self(void);

/** holder_format: writes "PID START" to @text, of HOLDER_BYTES. */
void holder_format(const Holder *holder, char *text);

/** holder_parse: Returns: whose text it is, or nobody where it is of no holder */
Holder holder_parse(const char *text);

/** holder_equal: whether the two are the same process. */
gboolean holder_equal(const Holder *a, const Holder *b);

/**
 * holder_lives:
 * Whether the process has not ended. Where it cannot be told it has not: that costs a call, and the
 * opposite a rule. Where the start cannot be learnt a process of another program is not the holder.
 */
gboolean holder_lives(const Holder *holder);
