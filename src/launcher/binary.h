/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The real virtiofsd.
 *
 * libvirt takes the first description of type "fs", in the order of file names over all directories,
 * where a file hides those of the same name in weaker directories, and an empty one hides them without
 * saying anything itself (docs/interop/vhost-user.json of QEMU, qemu_interop_config.c of libvirt). It
 * found the launcher that way; the launcher looks the same way for the next one that is not itself.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "basic/failure.h"
#include "launcher/launcher.h"

/* Descriptions in one directory: there is one for every kind of device, so a dozen. */
#define BINARY_MAX_DESCRIPTIONS 1024

/**
 * binary_find:
 * @wanted: (nullable): what XML or configuration name; ignored when it is the launcher
 * @privileged: this runs as root: the program must be PATHS->owner's alone to change, and the
 *   descriptions of users do not count
 * @binary: (out) (transfer full): its resolved path
 */
bool binary_find(const LauncherPaths *paths, const char *wanted, bool privileged, char **binary,
                 Failure *failure);
