/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* Whether the libvirt of this host is the one that this project was built for. */

#include "ctl/ctl.h"
#include "ctl/place.h"

/**
 * libvirt_dir_problem:
 * @remedy: (out) (transfer none): what to do about it
 * Returns: (transfer full) (nullable): why this host's libvirt would never see what is installed here, as with
 *   --prefix=/usr/local beside a libvirt of the distribution's: it looks for its helper, or for vhost-user
 *   descriptions, in another directory
 */
char *libvirt_dir_problem(const CtlConfig *config, const Place *place, const char **remedy);
