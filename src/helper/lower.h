/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* What the helper gives up before it reads a byte that others wrote. libvirtd runs it as root. */

#include <glib.h>

/**
 * lower_power:
 * Keeps the right to read every image, and to load policy, and no other; has limits on what it may use,
 * and so do the programs that it runs. Without privileges to begin with only the limits count.
 */
gboolean lower_power(GError **error);
