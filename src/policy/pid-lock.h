/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * A lock for where files may not be locked. Private to the room.
 *
 * It is a symbolic link that points to the words that say who holds it: made and filled in one step, on
 * every file system and without a block of it, so that no lock is ever empty.
 *
 * A lock whose holder died is not removed, for whoever removes it may by then remove that of the next.
 * It is inherited: who wants it makes a second link, NAME.PID-START, named by the dead holder, which
 * only one can. He is the holder if the first link still names the dead one, and points it to himself
 * before he takes the second away: so nobody who saw the dead one is there can inherit twice.
 */

#include "policy/files.h"
#include "policy/holder.h"

typedef enum {
    PID_LOCK_GOT,
    PID_LOCK_HELD,
    PID_LOCK_FAILED, /* errno says why */
} PidLockResult;

/**
 * pid_lock_try:
 * @name: of the link
 * @holder: (out): of PID_LOCK_HELD: who has it; nobody where it just went
 */
PidLockResult pid_lock_try(const PolicyDir *dir, const char *name, Holder *holder);

/**
 * pid_lock_is_held:
 * @holder: (out): who has it
 * Whether somebody who lives has it; where the link cannot be read nobody has.
 */
gboolean pid_lock_is_held(const PolicyDir *dir, const char *name, Holder *holder);
