/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * vhost-user descriptions, as libvirt takes them (QEMU's docs/interop/vhost-user.json; libvirt's
 * qemu_interop_config.c and qemu_vhost_user.c): of files of one name the one in /etc counts, an empty one
 * hides the name, and the first of the type, by name, is whose program is run. libvirt reads all of them
 * before it takes one: a single one that it cannot read keeps it from starting any VM with a share.
 */

#include "ctl/ctl.h"

typedef struct {
    char *path;
    char *type;      /* (nullable): NULL where it is damaged */
    char *binary;    /* (nullable): likewise */
    char *problem;   /* (nullable): what libvirt cannot read of it */
    gboolean denied; /* @problem is ours, and not libvirt's: we may not read it */
} Description;

/**
 * descriptions_read:
 * Returns: (transfer full) (element-type Description): those that are not hidden, the first first
 * @error: a directory cannot be read
 */
GPtrArray *descriptions_read(const CtlConfig *config, GError **error);

/** descriptions_first: (transfer none) (nullable): the one of type "fs" that libvirt takes */
const Description *descriptions_first(GPtrArray *descriptions);

/** descriptions_hide_launcher: whether an empty file hides that of the launcher. */
gboolean descriptions_hide_launcher(const CtlConfig *config);
