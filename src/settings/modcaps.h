/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * virtiofsd's option --modcaps, which adds and takes capabilities: "+sys_admin:-mknod" (its README; names
 * as libcap-ng has them, with or without "cap_", in either case). QEMU's daemon takes it in "-o".
 */

#include <glib.h>

/**
 * modcaps_check:
 * @option: an option of virtiofsd's; what is not --modcaps is right
 * @error: names the part that is not "+NAME" or "-NAME" of a capability
 */
gboolean modcaps_check(const char *option, GError **error);

/**
 * modcaps_apply:
 * @option: one that modcaps_check() finds right
 * @capabilities: (element-type utf8): names as AppArmor has them, "sys_admin"; changed as @option says
 */
void modcaps_apply(const char *option, GPtrArray *capabilities);
