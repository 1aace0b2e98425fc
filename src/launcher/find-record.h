/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Opening the record that virt-aa-helper left for the virtiofsd that is about to be started: which VM a
 * socket belongs to, and what its profile and the configuration say. What is in it, virtiofsd/record.h
 * says; here is whether it may be believed. Everything after it trusts the record, so it and the
 * directories above it must be such that only their owner can have written it, and an error is never "no
 * record".
 */

#include <sys/types.h>

#include "basic/failure.h"
#include "launcher/launcher.h"
#include "virtiofsd/record.h"

typedef enum {
    RECORD_FOUND,
    RECORD_NONE, /* certainly none: ENOENT and nothing else, or only a stale one */
    RECORD_BAD,
} RecordStatus;

/**
 * record_read:
 * @paths: where records are, who must own them, and where processes are looked at
 * @socket: the socket's path
 * @listener: the process that listens there, as socket_listener() says
 * @record: (out): zeroed by the caller, who clears it
 * @held: (out): of one that was found a descriptor with a lock, which the caller keeps open until this
 *   process has the label; closed on exec
 *
 * One whose announcer, a libvirtd, runs no more is stale, unless it is the one that made the socket and has
 * ended since. libvirtd announces a socket right before it starts the virtiofsd, every time; it gives each
 * running VM a number of its own, which is in the path, and only the next libvirtd begins to count anew. So such
 * a record is of another VM, or of another run.
 */
RecordStatus record_read(const LauncherPaths *paths, const char *socket, pid_t listener,
                         Record *record, int *held, Failure *failure);
