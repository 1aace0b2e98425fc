/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The chain from libvirtd's call of virt-aa-helper to the label of a virtiofsd, link by link. What one link
 * says of another is not believed: each is looked at where it is.
 */

#include "ctl/finding.h"

/**
 * ChainAsk:
 * @uri: libvirt's
 * Returns: (transfer full): which security drivers libvirt uses; NULL with @error set where it does not say
 */
typedef char *(*ChainAsk)(const char *uri, GError **error);

/**
 * chain_check:
 * @ask: (nullable): how libvirt is asked, which is started for it, and may not answer; NULL: it is not, as by
 *   what an installation of packages runs, libvirt's among them
 * Looks at the whole chain and changes nothing. Runs the helper that is in place and apparmor_parser for each
 * profile that it compares; nothing for a domain or a process.
 *
 * Where nothing is enabled there is one finding, which says so, and what is left although nothing is.
 * Returns: (transfer full) (element-type Finding): at least one for each link. The links are "switch",
 *   "libvirt", "helper", "diversion", "helper-profile", "launcher", "launcher-profile", "template",
 *   "description", "configuration", "guard", "apparmor", "libvirtd-profile" and "security-driver".
 */
GPtrArray *chain_check(const Ctl *ctl, ChainAsk ask);
