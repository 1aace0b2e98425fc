/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * QEMUs and virtiofsds that belong to none of libvirt's domains: of a domain that libvirt has lost, or of a
 * user's session; and, where libvirt cannot be asked, all of them.
 */

#include "ctl/confinement.h"
#include "ctl/finding.h"
#include "ctl/host-state.h"

typedef struct {
    const CtlProcess *process;
    const PidFile *pid_file; /* (nullable): it was found by its label alone */
    gboolean is_qemu;
    char *profile; /* (nullable): QEMU's of the VM, "libvirt-UUID", by the label; NULL: not known */
    const char *name; /* (nullable): of the VM, as virt-aa-helper recorded it */
    Confinement confinement;
} Stray;

/**
 * strays_find:
 * @known: (nullable): the set of the profiles of libvirt's domains; NULL: libvirt cannot be asked
 * @findings: (element-type Finding): gets what is to be said of them
 * Returns: (transfer full) (element-type Stray): by number
 */
GPtrArray *strays_find(const HostState *host, GHashTable *known, GPtrArray *findings);
