/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

#include <glib.h>

/**
 * modcaps_merge:
 * @options: (element-type utf8): arguments that extra_check() finds right, made by
 *   g_ptr_array_new_null_terminated(); changed
 *
 * Makes one --modcaps of several, at the end of @options, with the changes of all in their order. Of
 * several virtiofsd would follow the last alone, and a group that takes one capability from some VMs would
 * give them back what [virtiofsd] takes from all. It is in "-o" if one of them was: every virtiofsd reads
 * that, and QEMU's reads nothing else.
 */
void modcaps_merge(GPtrArray *options);
