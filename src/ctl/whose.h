/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whose a profile is: a VM's, by its UUID, or one of the programs around it. */

#include "ctl/avc.h"

typedef enum {
    ROLE_NONE,       /* none of ours */
    ROLE_QEMU,       /* libvirt-UUID */
    ROLE_QEMU_CHILD, /* libvirt-UUID//NAME: what QEMU's profile has for programs that it starts */
    ROLE_VIRTIOFSD,  /* libvirt-UUID-virtiofsd */
    ROLE_LAUNCHER,   /* libvirt-virtiofsd-launcher */
    ROLE_HELPER,     /* of virt-aa-helper */
    ROLE_LIBVIRTD,   /* of libvirtd or virtqemud */
} Role;

/**
 * whose_profile:
 * @profile: as of a record or a label; of a stack, the first that is not ROLE_NONE counts
 * @uuid: (out) (optional) (nullable) (transfer full): the VM's, for the first three
 */
Role whose_profile(const char *profile, char **uuid);

/**
 * avc_whose:
 * @uuid: (out) (nullable) (transfer full): of the VM whose profile said no
 * @peer: (out) (nullable) (transfer full): of the VM that the record is about besides, as where it is signalled
 */
Role avc_whose(const Avc *avc, char **uuid, char **peer);

/** whose_role_word: for programs: "qemu", "virtiofsd", "launcher", "helper", "libvirtd" */
const char *whose_role_word(Role role);
