/* SPDX-License-Identifier: LGPL-2.1-or-later */
#include "config.h"

#include <glib/gi18n-lib.h>

#include "ctl/switching-json.h"
#include "ctl/verbs.h"

static const CtlVerb *const verbs[] = {
    &verb_status, &verb_verify,   &verb_why,    &verb_denials, &verb_plan,     &verb_check,
    &verb_allow,  &verb_disallow, &verb_rules,  &verb_edit,    &verb_complain, &verb_enforce,
    &verb_gc,     &verb_enable,   &verb_update, &verb_disable, &verb_domains,
};

const CtlProgram program_ctl = {
    .name = "virt-aa-ctl",
    .description = N_("Show and change how virtual machines and their virtiofsds are\n"
                      "confined by AppArmor."),
    .more = N_("virt-aa-ctl VERB --help has a verb's options; all of it is in virt-aa-ctl(8)."),
    .verbs = verbs,
    .n_verbs = G_N_ELEMENTS(verbs),
    .switched_json = switching_to_json,
};
