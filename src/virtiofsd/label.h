/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * Names of profiles. QEMU's is what libvirt calls it, "libvirt-UUID" (get_profile_name() of its
 * security_apparmor.c, with virUUIDFormat()'s small letters); that of the VM's virtiofsds is the same with
 * "-virtiofsd". What the kernel attaches to the process, its label, is called as its profile.
 */

#include <stdbool.h>

/**
 * label_is_profile:
 * Whether @text is "libvirt-" and a UUID exactly as libvirt writes it. What passes can be a profile's and a
 * file's name: it has no slash, no space, nothing that stacks labels, and no end but its own.
 */
bool label_is_profile(const char *text);

/**
 * label_from_profile:
 * @profile: QEMU's profile
 * Returns: (transfer full): the profile of its virtiofsds; for free(), or g_free(), which is the same. NULL
 *   when out of memory.
 */
char *label_from_profile(const char *profile);

/**
 * label_to_profile:
 * @label: a label, of any kind
 * Returns: (transfer full) (nullable): the profile of the QEMU whose virtiofsd has it; NULL where it is not
 *   the label of a virtiofsd, with errno EINVAL
 */
char *label_to_profile(const char *label);
