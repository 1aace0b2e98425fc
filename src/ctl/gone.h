/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What is left on this host of domains that libvirt has no definition of any more. */

#include "ctl/ctl.h"

typedef struct {
    char *uuid;
    char *profile;    /* QEMU's */
    GPtrArray *files; /* of char*: whole paths, by name */
    gboolean has_own; /* own rules or complain mode are among them */
    gboolean removed; /* by gone_remove() */
    char *problem;    /* (nullable): why not */
} Gone;

void gone_free(Gone *gone);

/**
 * gone_find:
 * Returns: (transfer full) (element-type Gone): by UUID; of containers (lxc:///), which the same directory has, none.
 *   NULL with @error set where a directory or the domains cannot be read: what is not known is not gone
 */
GPtrArray *gone_find(const Ctl *ctl, GError **error);

/**
 * gone_remove:
 * Unloads the profiles and removes the files, with the VM locked, if there still is no such domain and no
 * process under a label of it. Sets @gone->removed, or @gone->problem.
 */
void gone_remove(const Ctl *ctl, Gone *gone);
