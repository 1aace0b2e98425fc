/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The verbs, each of verb-NAME.c, and the programs that have them, each of program-NAME.c. */

#include "ctl/ctl.h"

extern const CtlVerb verb_status;
extern const CtlVerb verb_verify;
extern const CtlVerb verb_why;
extern const CtlVerb verb_denials;
extern const CtlVerb verb_plan;
extern const CtlVerb verb_check;
extern const CtlVerb verb_allow;
extern const CtlVerb verb_disallow;
extern const CtlVerb verb_rules;
extern const CtlVerb verb_edit;
extern const CtlVerb verb_complain;
extern const CtlVerb verb_enforce;
extern const CtlVerb verb_gc;
extern const CtlVerb verb_enable;
extern const CtlVerb verb_update;
extern const CtlVerb verb_disable;
extern const CtlVerb verb_domains;

extern const CtlProgram program_ctl;
extern const CtlProgram program_switch;
