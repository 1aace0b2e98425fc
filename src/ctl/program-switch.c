/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/verbs.h"

static const CtlVerb *const verbs[] = {&verb_enable, &verb_update, &verb_disable};

const CtlProgram program_switch = {
    .name = "virt-aa-switch",
    .description = N_("For scripts of packages: the verbs of virt-aa-ctl that switch on and off."),
    .more = N_("They do what they do in virt-aa-ctl(8), without a question to libvirt."),
    .verbs = verbs,
    .n_verbs = G_N_ELEMENTS(verbs),
};
