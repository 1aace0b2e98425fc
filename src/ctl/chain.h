/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The chain from libvirtd's call of virt-aa-helper to the label of a virtiofsd, link by link. What one link
 * says of another is not believed: each is looked at where it is.
 */

#include "ctl/finding.h"

/**
 * chain_check:
 * Looks at the whole chain and changes nothing. Runs the helper that is in place, apparmor_parser for each
 * profile that it compares, and asks libvirt for its security drivers; nothing for a domain or a process.
 *
 * Where nothing is enabled there is one finding, which says so, and what is left although nothing is.
 * Returns: (transfer full) (element-type Finding): at least one for each link. The links are "switch",
 *   "libvirt", "helper", "diversion", "helper-profile", "launcher", "launcher-profile", "template",
 *   "description", "configuration", "guard", "apparmor", "libvirtd-profile" and "security-driver".
 */
GPtrArray *chain_check(const Ctl *ctl);

/**
 * chain_check_here:
 * The same without asking libvirt, which would be started for it, and might not answer: for what an
 * installation of packages runs, libvirt's among them.
 */
GPtrArray *chain_check_here(const Ctl *ctl);
