/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/*
 * The guard: libvirtd does not run a virtiofsd itself. Its profile lets it run virtiofsd without a profile,
 * and it does so where a domain names the program, or a vhost-user description that comes before ours does.
 * To send it to a profile instead is not possible beside the distribution's rule (two exact rules for one
 * path: "conflicting x modifiers", AppArmor 3.0 to 5.0); to refuse it is. Only libvirtd is refused: whoever
 * else runs virtiofsd runs it as before.
 */

#include "ctl/ctl.h"
#include "settings/settings.h"

/** guard_path: (transfer full): the file of the rules, which libvirtd's local additions include */
char *guard_path(const CtlConfig *config);

/**
 * guard_text:
 * @descriptions: (element-type Description)
 * @odd: (element-type utf8) (nullable): to which programs are added that no rule can name
 * Returns: (transfer full): what the file has to be. Named are the places where distributions and people have
 *   virtiofsd, the programs of the descriptions and those of @settings, each with what it is a link to,
 *   which is what AppArmor sees, without what allow-unconfined names
 */
char *guard_text(const CtlConfig *config, const Settings *settings, GPtrArray *descriptions,
                 GPtrArray *odd);

/** guard_covers: whether every rule of @wanted, of guard_text(), is in @text. */
gboolean guard_covers(const char *text, const char *wanted);
