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
