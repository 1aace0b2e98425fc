/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Virtiofsds that libvirtd would run itself, past the launcher. */

#include "helper/request.h"

/**
 * unconfined_check:
 * @error: libvirtd is set up to run the launcher, and would run another program for the share whose
 *   socket is announced, because the XML names it
 *
 * Such a virtiofsd would be the only one that is not confined. The administrator can allow it.
 */
gboolean unconfined_check(const Request *request, GError **error);

/**
 * unconfined_check_unrecorded:
 * @error: the administrator wants no virtiofsd that nothing is known of, or the configuration file, which
 *   may say so, cannot be used
 *
 * The launcher's question about a socket that has no record: its VM has no AppArmor label.
 */
gboolean unconfined_check_unrecorded(const Request *request, GError **error);
