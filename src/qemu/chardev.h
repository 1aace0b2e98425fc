/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * qemu_chardev_parse:
 * @text: a character device as -serial, -monitor and the like have it: "file:/a", "unix:/a,server=on",
 *   "/dev/ttyS0" (qemu_chr_parse_compat() of QEMU's chardev/char.c)
 * @error: as of qemu_pairs_parse()
 * Returns: (transfer full) (element-type QemuPair): what -chardev would have said, with the key "backend";
 *   without any where it is none of the kinds that have a path; or NULL with @error set
 */
GPtrArray *qemu_chardev_parse(const char *text, GError **error);
