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
#include "virtiofsd/record.h"

typedef enum {
    RECORD_FOUND,
    RECORD_NONE, /* certainly none: ENOENT and nothing else */
    RECORD_BAD,
} RecordStatus;

/**
 * record_read:
 * @records: the directory that has "sockets" in it
 * @owner: who must own the directories and the record
 * @socket: the socket's path
 * @record: (out): zeroed by the caller, who clears it
 */
RecordStatus
record_read(const char *records, uid_t owner, const char *socket, Record *record, Failure *failure);
