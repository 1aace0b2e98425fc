/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/* One section of a file of options: [device "video"], and what follows. */
typedef struct {
    guint line;
    char *group;      /* "device" */
    GPtrArray *pairs; /* of QemuPair */
} QemuSection;

/**
 * qemu_readconfig_parse:
 * @text: a file as -readconfig has it (qemu_config_foreach() of QEMU's util/qemu-config.c)
 * @error: says on which line QEMU would refuse it
 * Returns: (transfer full) (element-type QemuSection): its sections, or NULL with @error set
 */
GPtrArray *qemu_readconfig_parse(const char *text, GError **error);
