/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * What virtiofsd inherits from libvirtd: standard input, output and error, the listening socket, and the
 * file with its process's number, which libvirt opens for writing, locks and leaves open
 * (virPidFileAcquirePath() and virCommandSetPidFile() of libvirt). libvirt kills the process group of
 * whatever number stands in that file, as long as the file is locked: one that virtiofsd could write to
 * would kill anybody.
 */

#include <stdbool.h>

#include "basic/failure.h"

/**
 * descriptors_hand_on:
 * @listener: the listening socket
 * Standard input becomes /dev/null and can only be read; standard output and error, where they are a file,
 * only appended to; the file of the process's number only read, and still locked for libvirt, without a
 * moment in between; every other descriptor is closed, ours too. To be called when mounts are
 * read-only: what is opened again here can then not be given other attributes either.
 */
bool descriptors_hand_on(int listener, Failure *failure);
