/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Which render node <graphics> with OpenGL gets when the XML names none. */

#include "host/host.h"

/**
 * host_drm_render_node:
 *
 * The first renderDN in the order that the kernel lists /dev/dri in. That is not the order of the
 * numbers, but libvirtd picks the one for QEMU in the same way, and another node would be of no use.
 *
 * Returns: (transfer full): "/dev/dri/renderDN", or NULL with
 *   BASE_ERROR_NOT_FOUND: no /dev/dri, or no render node in it;
 *   BASE_ERROR_DENIED, BASE_ERROR_FAILED: it cannot be listed.
 *   In all of them libvirt's helper goes on with status 0, and the fixed rules for GL are there all the
 *   same; what it says is at most a library's own log line. It takes any name that begins with
 *   "renderD".
 */
char *host_drm_render_node(Host *host, GError **error);
