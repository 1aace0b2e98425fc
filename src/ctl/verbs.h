/* SPDX-License-Identifier: LGPL-2.1-or-later */
#pragma once

/* The verbs, each of verb-NAME.c. */

#include "ctl/ctl.h"

extern const CtlVerb verb_domains;
